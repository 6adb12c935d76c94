package io.bowstring.cli;

import io.bowstring.text.TextFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a file to be published is written. Immutable. */
enum InputFormat {
    /** An Arrow IPC stream or file. */
    ARROW(null),
    CSV(TextFormat.CSV),
    TSV(TextFormat.TSV),
    JSON(TextFormat.JSON);

    private final @Nullable TextFormat text;

    InputFormat(@Nullable TextFormat text) {
        this.text = text;
    }

    /** Returns the format of text; null where it is none. */
    @Nullable
    TextFormat text() {
        return text;
    }

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
