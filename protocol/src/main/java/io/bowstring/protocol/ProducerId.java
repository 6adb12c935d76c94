package io.bowstring.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id under which a publisher numbers its batches, in one topic and over any number of connections: 1 to 128 of
 * {@code A-Z a-z 0-9 . _ -}. One that begins with {@code once.} is made for one life. Immutable.
 */
public record ProducerId(String value) {
    private static final String ONE_LIFE_PREFIX = "once.";
    private static final int DIGEST_BYTES = 16;
    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    /**
     * Checks the id.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public ProducerId {
        if (!PATTERN.matcher(value).matches()) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.PRODUCER, value, "1 to 128 of A-Z a-z 0-9 . _ -");
        }
    }

    /** Returns an id that nobody has had, for the one life of a publisher that needs no name. */
    public static ProducerId forOneLife() {
        return new ProducerId(ONE_LIFE_PREFIX + UUID.randomUUID());
    }

    /** Returns whether the id is made for one life: whoever has it will not come back after its stream has ended. */
    public boolean isForOneLife() {
        return value.startsWith(ONE_LIFE_PREFIX);
    }

    /** Returns whether a {@linkplain #digest() digest} is that of an id for one life. */
    public static boolean isDigestForOneLife(String digest) {
        return digest.startsWith(ONE_LIFE_PREFIX);
    }

    /**
     * Returns what stands for the id where others may read it: 32 hexadecimal digits, by which nobody can publish under it who does not
     * know the id. Before them it says of an id for one life that it is one.
     */
    public String digest() {
        try {
            byte[] bytes = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.US_ASCII));
            return (isForOneLife() ? ONE_LIFE_PREFIX : "") + HexFormat.of().formatHex(bytes, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
