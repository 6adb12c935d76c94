package io.bowstring.vector;

/** How many values the dictionaries of a stream have at present. */
interface DictionarySizes {
    /** Returns how many values a dictionary has. */
    long size(long id);

    /** Notes that the values being loaded refer to a dictionary, of which they need so many values. */
    void need(long id, long size);
}
