package io.bowstring.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C, as all checksums of the log are. Not instantiable.
 *
 * <p>A checksum is the remainder of a polynomial over GF(2), with bits in reversed order. So the checksum of bytes that follow others comes
 * of the checksums of both: that of the first is multiplied by x to the power of the bits that follow, modulo the generator.
 */
final class Checksum {
    /** The generator without its highest power; the highest bit is x to the power of 0. */
    private static final int GENERATOR = 0x82F6_3B78;

    private static final int ONE = 1 << 31;

    /** x to the power of 8 times 2 to the power of the place. */
    private static final int[] POWERS = powers();

    private Checksum() {}

    private static int[] powers() {
        int[] powers = new int[Long.SIZE];
        powers[0] = ONE >>> Byte.SIZE;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = multiply(powers[i - 1], powers[i - 1]);
        }
        return powers;
    }

    /** Returns the checksum of what remains of buffers, which are borrowed and stay as they are. */
    static int of(ByteBuffer... buffers) {
        CRC32C checksum = new CRC32C();
        for (ByteBuffer buffer : buffers) {
            checksum.update(buffer.duplicate());
        }
        return (int) checksum.getValue();
    }

    /**
     * Returns the checksum of bytes and others that follow them.
     *
     * @param first of the first bytes
     * @param second of the others
     * @param shift the {@link #shift} of as many bytes as the others are
     */
    static int combine(int first, int second, int shift) {
        return multiply(first, shift) ^ second;
    }

    /** Returns what moves a checksum as many bytes ahead. */
    static int shift(long bytes) {
        int shift = ONE;
        long left = bytes;
        for (int i = 0; left != 0; i++) {
            if ((left & 1) != 0) {
                shift = multiply(shift, POWERS[i]);
            }
            left >>>= 1;
        }
        return shift;
    }

    /** Returns the product of two polynomials modulo the generator. */
    private static int multiply(int left, int right) {
        int product = 0;
        int power = right;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            product ^= (left & bit) == 0 ? 0 : power;
            power = power >>> 1 ^ ((power & 1) == 0 ? 0 : GENERATOR);
        }
        return product;
    }
}
