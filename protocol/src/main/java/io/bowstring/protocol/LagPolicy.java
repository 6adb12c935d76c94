package io.bowstring.protocol;

import java.util.Locale;

/**
 * What happens to a subscription that falls out of the retained window. Immutable.
 */
public enum LagPolicy {
    /** The connection is reset. */
    DISCONNECT,
    /** The batches that are gone are skipped; the next one says how many in {@code bowstring.gap}. */
    DROP,
    /** It does not fall out: the topic's publishers are held back until it has caught up. */
    BLOCK;

    /**
     * Parses the value of {@code bowstring.on-lag}.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public static LagPolicy parse(String text) {
        for (LagPolicy policy : values()) {
            if (policy.toString().equals(text)) {
                return policy;
            }
        }
        throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.ON_LAG, text, "disconnect, drop or block");
    }

    /** Returns the value on the wire. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
