package io.bowstring.cli;

import java.util.Locale;

/** How a file to be published is written. Immutable. */
enum InputFormat {
    /** An Arrow IPC stream or file. */
    ARROW,
    /** Lines of values between commas, below one of names. */
    CSV,
    /** The same between tabs. */
    TSV,
    /** One JSON object per row. */
    JSON;

    /** Returns the format that a file has by its name. */
    static InputFormat of(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            return CSV;
        }
        if (name.endsWith(".tsv")) {
            return TSV;
        }
        return name.endsWith(".jsonl") || name.endsWith(".ndjson") ? JSON : ARROW;
    }
}
