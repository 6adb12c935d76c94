package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Decimals of 32 and 64 bits, which arrow-java does not have, in 128 bits: the same numbers, of the same precision and scale.
 * Not instantiable.
 */
final class WideDecimals {
    /** What arrow-java has at least. */
    static final int BITS = 128;

    /** As many as one buffer holds in 128 bits. */
    private static final int MAX_COUNT = Integer.MAX_VALUE / (BITS / Byte.SIZE);

    private WideDecimals() {}

    /**
     * Makes decimals wider.
     *
     * @param narrow their values; borrowed
     * @param bits of each value, 32 or 64
     * @param allocator what the copy is accounted in
     * @return the values in 128 bits; owned
     * @throws IpcException {@code TOO_LARGE} if one buffer does not hold them
     */
    static ArrowBuf widen(ArrowBuf narrow, int bits, BufferAllocator allocator) {
        int width = bits / Byte.SIZE;
        int count = (int) (narrow.capacity() / width);
        if (count > MAX_COUNT) {
            throw new IpcException(IpcErrorCode.TOO_LARGE, "decimals of " + bits + " bits", count, "<= " + MAX_COUNT);
        }
        int bytes = count * (BITS / Byte.SIZE);
        if (bytes == 0) {
            return allocator.getEmpty();
        }
        ByteBuf wide = UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
        for (int i = 0; i < count; i++) {
            long value = width == Integer.BYTES ? narrow.getInt((long) width * i) : narrow.getLong((long) width * i);
            wide.writeLongLE(value).writeLongLE(value >> (Long.SIZE - 1)); // its sign
        }
        return ByteBufAllocation.wrap(wide, allocator);
    }
}
