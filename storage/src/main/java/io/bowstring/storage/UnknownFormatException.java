package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of a log is whole, but in a format that this server does not know: a newer one has written it. Nothing has been changed.
 * The message has the form {@code field of file: value (expected: rule)}.
 */
final class UnknownFormatException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_ECHO_CHARS = 64;

    UnknownFormatException(Path file, String field, String value) {
        super(field + " of " + file + ": " + value.substring(0, Math.min(value.length(), MAX_ECHO_CHARS))
                + " (expected: " + SegmentFormat.CURRENT + ")");
    }
}
