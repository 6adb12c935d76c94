package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.FieldVector;
import org.jspecify.annotations.Nullable;

/** Counts the nulls of vectors, and zeroes what stands in their place. Not instantiable. */
final class NullValues {
    private static final int EIGHT_WORDS = 8 * Long.BYTES;
    private static final int MAX_CHUNK_BYTES = 8 << 10;

    private NullValues() {}

    /**
     * Returns how many of the first {@code valueCount} bits of a validity buffer are zero. Mostly none is, which takes
     * less than to count. Arrow's own way checks every word that it reads, and takes several times as long.
     *
     * @param validity borrowed
     */
    static int count(ArrowBuf validity, int valueCount) {
        validity.checkBytes(0, (valueCount + 7L) / 8);
        long next = validity.memoryAddress();
        long end = next + (long) (valueCount / Long.SIZE) * Long.BYTES;
        int chunk = chunkBytes(next, end);
        while (chunk > 0 && areOnes(next, chunk)) {
            next += chunk;
            chunk = chunkBytes(next, end);
        }
        int valid = (int) (next - validity.memoryAddress()) * Byte.SIZE;
        for (; next <= end - 4 * Long.BYTES; next += 4 * Long.BYTES) { // several at once, none waits for the other
            valid += Long.bitCount(MemoryUtil.getLong(next))
                    + Long.bitCount(MemoryUtil.getLong(next + Long.BYTES))
                    + Long.bitCount(MemoryUtil.getLong(next + 2 * Long.BYTES))
                    + Long.bitCount(MemoryUtil.getLong(next + 3 * Long.BYTES));
        }
        for (; next < end; next += Long.BYTES) {
            valid += Long.bitCount(MemoryUtil.getLong(next));
        }
        int rest = valueCount % Long.SIZE;
        for (; rest > 0; rest -= Byte.SIZE, next++) {
            int mask = rest < Byte.SIZE ? (1 << rest) - 1 : 0xFF;
            valid += Integer.bitCount(MemoryUtil.getByte(next) & mask);
        }
        return valueCount - valid;
    }

    private static int chunkBytes(long next, long end) {
        return (int) Math.min(MAX_CHUNK_BYTES, end - next) & -EIGHT_WORDS;
    }

    /** Returns whether all bits of a chunk are ones: in a counted loop, where no word waits for another. */
    private static boolean areOnes(long address, int bytes) {
        long all = -1;
        for (int i = 0; i < bytes; i += EIGHT_WORDS) {
            long next = address + i;
            long first = MemoryUtil.getLong(next) & MemoryUtil.getLong(next + 8);
            long second = MemoryUtil.getLong(next + 16) & MemoryUtil.getLong(next + 24);
            long third = MemoryUtil.getLong(next + 32) & MemoryUtil.getLong(next + 40);
            long fourth = MemoryUtil.getLong(next + 48) & MemoryUtil.getLong(next + 56);
            all &= (first & second) & (third & fourth);
        }
        return all == -1;
    }

    /**
     * Returns a copy of a buffer of a vector with zeroes in place of the vector's own nulls, as {@link BatchWriterConfig}
     * says, or null where there is nothing to zero.
     *
     * @param vector that has nulls; borrowed, and never written to, since others may have its memory
     * @param buffers of the vector, validity first; borrowed
     * @return owned
     * @throws CapacityException if it is longer than 2 GiB
     */
    static @Nullable ByteBuf zeroed(FieldVector vector, List<ArrowBuf> buffers, int index, ByteBufAllocator allocator) {
        ArrowBuf bytes = buffers.get(index);
        if (vector instanceof BaseFixedWidthVector fixed && index == 1) {
            int width = fixed.getTypeWidth();
            return width == 0
                    ? zeroedBits(bytes, buffers.get(0), allocator)
                    : zeroedRanges(vector, i -> width * i, bytes, allocator);
        }
        if (vector instanceof BaseVariableWidthViewVector && index == 1) {
            return zeroedRanges(vector, i -> BaseVariableWidthViewVector.ELEMENT_SIZE * i, bytes, allocator);
        }
        if (vector instanceof BaseVariableWidthVector && index == 2) {
            return zeroedRanges(vector, i -> buffers.get(1).getInt(Integer.BYTES * i), bytes, allocator);
        }
        if (vector instanceof BaseLargeVariableWidthVector && index == 2) {
            return zeroedRanges(vector, i -> buffers.get(1).getLong(Long.BYTES * i), bytes, allocator);
        }
        return null;
    }

    private static ByteBuf zeroedRanges(
            FieldVector vector, LongUnaryOperator start, ArrowBuf bytes, ByteBufAllocator allocator) {
        ByteBuf zeroed = copy(bytes, allocator);
        try {
            for (int i = 0; i < vector.getValueCount(); i++) {
                if (vector.isNull(i)) {
                    int from = (int) start.applyAsLong(i);
                    zeroed.setZero(from, (int) start.applyAsLong(i + 1) - from);
                }
            }
            return zeroed;
        } catch (Throwable e) { // of offsets that the user has written
            zeroed.release();
            throw e;
        }
    }

    private static ByteBuf zeroedBits(ArrowBuf bits, ArrowBuf validity, ByteBufAllocator allocator) {
        ByteBuf zeroed = copy(bits, allocator);
        for (int i = 0; i < zeroed.readableBytes(); i++) {
            zeroed.setByte(i, bits.getByte(i) & validity.getByte(i));
        }
        return zeroed;
    }

    private static ByteBuf copy(ArrowBuf bytes, ByteBufAllocator allocator) {
        int length = ArrowBuffers.bytes(bytes);
        return allocator.directBuffer(length, length).writeBytes(ForeignMemory.at(bytes.memoryAddress(), length));
    }
}
