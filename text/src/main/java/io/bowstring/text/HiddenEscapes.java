package io.bowstring.text;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a terminal would obey, or would not show, as an escape of JSON; the values stay the same. Immutable.
 */
final class HiddenEscapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final int DELETE = 0x7F;

    private final int[] escapes = standardAsciiEscapesForJSON();

    HiddenEscapes() {
        escapes[DELETE] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        return escapes;
    }

    /** Returns null for what is written as it is; characters outside of the basic plane are asked for by their halves. */
    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
        boolean isObeyed = !Character.isSurrogate((char) c) && TerminalText.isHidden(c);
        return isObeyed ? new SerializedString(String.format(Locale.ROOT, "\\u%04X", c)) : null;
    }
}
