package io.bowstring.storage;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.protocol.BatchMarker;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The checksum that a message of the log carries in its own {@code custom_metadata}: the CRC32C of the whole frame, as it is
 * with zeros for the checksum's digits.
 *
 * <pre>
 *   prefix │ root, Message, ... "bowstring.crc" ... 08 00 00 00 "1f2e3d4c" ... │ old metadata │ body
 *                                                              └ the digits
 * </pre>
 *
 * <p>The entry is found by its key: an edit writes new entries before everything that the publisher has sent. Not instantiable.
 */
final class FrameChecksum {
    static final String KEY = BatchMarker.CHECKSUM_KEY;

    /** What the value is before it is {@linkplain #set set}. */
    static final String UNSET = BatchMarker.UNSET_CHECKSUM;

    static final int DIGITS = 8;

    private static final byte[] UNSET_TEXT = UNSET.getBytes(StandardCharsets.US_ASCII);
    private static final int UNSET_CHECKSUM = Checksum.of(ByteBuffer.wrap(UNSET_TEXT));

    /** The end of the key, the padding after it, and the length of the value. */
    private static final byte[] BEFORE_DIGITS = before();

    private static final int FIRST_WORD =
            ByteBuffer.wrap(BEFORE_DIGITS).order(ByteOrder.LITTLE_ENDIAN).getInt();

    private FrameChecksum() {}

    private static byte[] before() {
        byte[] key = KEY.getBytes(StandardCharsets.US_ASCII);
        int padded = (key.length + Integer.BYTES) / Integer.BYTES * Integer.BYTES; // a zero ends it
        return ByteBuffer.allocate(padded + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(key)
                .putInt(padded, DIGITS)
                .array();
    }

    /**
     * Sets the checksum of a message.
     *
     * @param frame the whole message, which nobody else reads yet; borrowed
     * @throws IpcException {@code MALFORMED} where the message has no such entry
     */
    static void set(ByteBuf frame) {
        set(frame, requireDigits(frame));
    }

    /**
     * Sets the checksum of a message, whose digits stand at an index, and returns it. Byte by byte: what Netty's buffers set at once goes by
     * a cursor of the whole buffer, which another thread uses to append to the same block.
     */
    static int set(ByteBuf frame, int digits) {
        int checksum = compute(frame, digits);
        byte[] text = text(checksum);
        for (int i = 0; i < DIGITS; i++) {
            frame.setByte(digits + i, text[i]);
        }
        return checksum;
    }

    private static byte[] text(int checksum) {
        return HexFormat.of().toHexDigits(checksum).getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns the checksum of the digits, less that of zeros in their place: what setting them adds to the checksum of all bytes. */
    static int difference(int checksum) {
        return Checksum.of(ByteBuffer.wrap(text(checksum))) ^ UNSET_CHECKSUM;
    }

    /**
     * Checks a message against its checksum.
     *
     * @param frame the whole message; borrowed
     * @throws IpcException {@code MALFORMED} where it has none, or another
     */
    static void require(ByteBuf frame) {
        int digits = requireDigits(frame);
        String found = frame.toString(digits, DIGITS, StandardCharsets.US_ASCII);
        String expected = HexFormat.of().toHexDigits(compute(frame, digits));
        if (!found.equals(expected)) {
            throw new IpcException(IpcErrorCode.MALFORMED, KEY, found, expected + ", as the message is");
        }
    }

    /** Returns where the digits stand; looks through the metadata alone, by words: strings in it begin at multiples of four. */
    static int requireDigits(ByteBuf frame) {
        int start = frame.readerIndex();
        int length = frame.readableBytes();
        int metadataBytes = length < StoredMessages.PREFIX_BYTES ? 0 : frame.getIntLE(start + Integer.BYTES);
        long end = Math.min(length, (long) StoredMessages.PREFIX_BYTES + metadataBytes) - BEFORE_DIGITS.length - DIGITS;
        for (int at = StoredMessages.PREFIX_BYTES; at <= end; at += Integer.BYTES) {
            if (frame.getIntLE(start + at) == FIRST_WORD && isBeforeDigits(frame, start + at)) {
                return start + at + BEFORE_DIGITS.length;
            }
        }
        throw new IpcException(IpcErrorCode.MALFORMED, KEY, "absent", DIGITS + " digits");
    }

    private static boolean isBeforeDigits(ByteBuf frame, int at) {
        for (int i = 0; i < BEFORE_DIGITS.length; i++) {
            if (frame.getByte(at + i) != BEFORE_DIGITS[i]) {
                return false;
            }
        }
        return true;
    }

    private static int compute(ByteBuf frame, int digits) {
        CRC32C checksum = new CRC32C();
        update(checksum, frame, frame.readerIndex(), digits);
        checksum.update(UNSET_TEXT);
        update(checksum, frame, digits + DIGITS, frame.writerIndex());
        return (int) checksum.getValue();
    }

    private static void update(CRC32C checksum, ByteBuf frame, int from, int until) {
        if (frame.nioBufferCount() == 1) {
            checksum.update(frame.nioBuffer(from, until - from));
            return;
        }
        for (ByteBuffer part : frame.nioBuffers(from, until - from)) {
            checksum.update(part);
        }
    }
}
