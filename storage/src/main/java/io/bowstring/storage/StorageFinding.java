package io.bowstring.storage;

import java.nio.file.Path;

/**
 * Something that a {@link StorageCheck} has found. Immutable.
 *
 * @param isFault whether it is a fault; else only worth to know
 * @param path of the file or directory
 * @param place where in it; empty where it is about all of it
 * @param found what is there
 * @param expected what should be there; empty where nothing is wrong, or {@code found} says it
 */
public record StorageFinding(boolean isFault, Path path, String place, String found, String expected) {
    /** Returns all of it in one line. */
    @Override
    public String toString() {
        return (isFault ? "" : "note: ")
                + path
                + (place.isEmpty() ? "" : ", " + place)
                + ": "
                + found
                + (expected.isEmpty() ? "" : " (expected: " + expected + ")");
    }
}
