package io.bowstring.storage;

import io.netty.buffer.ByteBuf;

/**
 * The checksum of a range, made of those of its messages: so their bytes are gone through once. Confined to one thread.
 */
final class RangeChecksum {
    private int value;

    // Messages of one length follow one another, and so do those of one length after the digits.
    private final Shift ofFrames = new Shift();
    private final Shift ofTails = new Shift();

    /** What moves a checksum by the last number of bytes. */
    private static final class Shift {
        private long bytes;
        private int shift = Checksum.shift(0);

        private int by(long wantedBytes) {
            if (wantedBytes != bytes) {
                bytes = wantedBytes;
                shift = Checksum.shift(wantedBytes);
            }
            return shift;
        }
    }

    /** Sets the checksum of a message, as {@link FrameChecksum#set} does, and adds the message to the range; borrowed. */
    void setAndAdd(ByteBuf frame) {
        int digits = FrameChecksum.requireDigits(frame);
        int unset = FrameChecksum.set(frame, digits);
        int afterDigits = frame.writerIndex() - digits - FrameChecksum.DIGITS;
        int set = Checksum.combine(FrameChecksum.difference(unset), unset, ofTails.by(afterDigits));
        value = Checksum.combine(value, set, ofFrames.by(frame.readableBytes()));
    }

    /** Returns the checksum of all messages that have been added. */
    int value() {
        return value;
    }

    /** Begins another range, or one again. */
    void restart(int value) {
        this.value = value;
    }
}
