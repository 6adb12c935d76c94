package io.bowstring.text;

/** How rows are written as text. Immutable. */
public enum TextFormat {
    /** Lines of values between commas, below one of names. */
    CSV,
    /** The same between tabs. */
    TSV,
    /** One JSON object per row. */
    JSON
}
