package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.LargeListViewVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.ListViewVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/**
 * Copies values of vectors, at positions that may repeat, into new vectors, and counts what that takes: how much is known
 * before there is memory for it. It does not copy what views and list views refer to, but shares it.
 *
 * <p>Memory is Netty's, accounted in the allocators of the new vectors, which need not be able to allocate. Confined to one
 * thread.
 */
final class VectorGather {
    /** The position of no value: of a null. */
    static final int NULL = -1;

    private final int maxBytes;
    private long bytes;

    /** How many positions there are at present: those of a level of nesting while the levels below are copied. */
    private long positionCount;

    /** Creates one that makes no more than so many bytes, and takes no more on the heap at a time. */
    VectorGather(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Copies values.
     *
     * @param source borrowed, verified; also one that other threads read
     * @param positions of values in it, or {@link #NULL}
     * @param target empty, of the same type; borrowed
     * @throws IpcException {@code TOO_LARGE} where it is more than is allowed, {@code UNSUPPORTED} for unions and run-end
     *     encoded values
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator
     */
    void gather(FieldVector source, int[] positions, FieldVector target) {
        FieldVector from = BatchUnloader.storage(source);
        FieldVector to = BatchUnloader.storage(target);
        List<ArrowBuf> buffers = new ArrayList<>();
        try {
            int nulls = from instanceof NullVector ? positions.length : addValidity(from, positions, to, buffers);
            addBuffers(from, positions, to, buffers);
            to.loadFieldBuffers(new ArrowFieldNode(positions.length, nulls), buffers);
        } finally {
            buffers.forEach(ArrowBuf::close);
        }
        gatherChildren(from, positions, to);
    }

    private int addValidity(FieldVector from, int[] positions, FieldVector to, List<ArrowBuf> buffers) {
        ArrowBuf validity = newBuffer((positions.length + 7L) >>> 3, to.getAllocator());
        buffers.add(validity.setZero(0, validity.capacity()));
        int nulls = 0;
        for (int i = 0; i < positions.length; i++) {
            if (isNull(from, positions[i])) {
                nulls++;
            } else {
                BitVectorHelper.setBit(validity, i);
            }
        }
        return nulls;
    }

    private static boolean isNull(FieldVector from, int position) {
        return position == NULL || from.isNull(position);
    }

    private void addBuffers(FieldVector from, int[] positions, FieldVector to, List<ArrowBuf> buffers) {
        BufferAllocator allocator = to.getAllocator();
        if (from instanceof BitVector bits) {
            addBits(bits, positions, allocator, buffers);
        } else if (from instanceof BaseFixedWidthVector fixed) {
            addFixed(from, fixed.getDataBuffer(), fixed.getTypeWidth(), positions, allocator, buffers);
        } else if (from instanceof BaseVariableWidthViewVector views) {
            addFixed(
                    from,
                    views.getDataBuffer(),
                    BaseVariableWidthViewVector.ELEMENT_SIZE,
                    positions,
                    allocator,
                    buffers);
            views.getDataBuffers().forEach(data -> buffers.add(retained(data)));
        } else if (from instanceof BaseVariableWidthVector || from instanceof BaseLargeVariableWidthVector) {
            addBytes(from, positions, allocator, buffers);
        } else if (from instanceof ListVector || from instanceof LargeListVector) {
            requirePositions(addOffsets(from, positions, allocator, buffers)); // so that it is no more than 32 bits say
        } else if (from instanceof ListViewVector list) {
            addFixed(from, list.getOffsetBuffer(), ListViewVector.OFFSET_WIDTH, positions, allocator, buffers);
            addFixed(from, list.getSizeBuffer(), ListViewVector.SIZE_WIDTH, positions, allocator, buffers);
        } else if (from instanceof LargeListViewVector list) {
            addFixed(from, list.getOffsetBuffer(), LargeListViewVector.OFFSET_WIDTH, positions, allocator, buffers);
            addFixed(from, list.getSizeBuffer(), LargeListViewVector.SIZE_WIDTH, positions, allocator, buffers);
        } else if (!(from instanceof NullVector
                || from instanceof StructVector
                || from instanceof FixedSizeListVector)) {
            String type = ArrowSchema.excerpt(String.valueOf(from.getField().getType()));
            String rule = "of a type that can be decoded: no union, not run-end encoded";
            throw new IpcException(IpcErrorCode.UNSUPPORTED, "values of a dictionary", type, rule);
        }
    }

    private void addBits(BitVector from, int[] positions, BufferAllocator allocator, List<ArrowBuf> buffers) {
        ArrowBuf bits = newBuffer((positions.length + 7L) >>> 3, allocator);
        buffers.add(bits.setZero(0, bits.capacity()));
        for (int i = 0; i < positions.length; i++) {
            if (!isNull(from, positions[i]) && from.get(positions[i]) != 0) {
                BitVectorHelper.setBit(bits, i);
            }
        }
    }

    /** Adds values of {@code width} bytes, zeroes for nulls. */
    private void addFixed(
            FieldVector from, ArrowBuf data, int width, int[] positions, BufferAllocator allocator, List<ArrowBuf> to) {
        ArrowBuf values = newBuffer((long) width * positions.length, allocator);
        to.add(values);
        for (int i = 0; i < positions.length; i++) {
            if (isNull(from, positions[i])) {
                values.setZero((long) width * i, width);
            } else {
                values.setBytes((long) width * i, data, (long) width * positions[i], width);
            }
        }
    }

    private void addBytes(FieldVector from, int[] positions, BufferAllocator allocator, List<ArrowBuf> buffers) {
        long length = addOffsets(from, positions, allocator, buffers);
        ArrowBuf all = newBuffer(length, allocator); // refuses more than 32 bits say
        buffers.add(all);
        long next = 0;
        for (int position : positions) {
            if (!isNull(from, position)) {
                long start = offset(from, position);
                long count = offset(from, position + 1) - start;
                all.setBytes(next, from.getDataBuffer(), start, count);
                next += count;
            }
        }
    }

    /** Adds the offsets of values of different lengths, and returns the last. */
    private long addOffsets(FieldVector from, int[] positions, BufferAllocator allocator, List<ArrowBuf> buffers) {
        int width = offsetBytes(from);
        ArrowBuf offsets = newBuffer(width * (positions.length + 1L), allocator);
        buffers.add(offsets);
        long end = 0;
        for (int i = 0; i <= positions.length; i++) {
            if (width == Integer.BYTES) {
                offsets.setInt((long) width * i, (int) end);
            } else {
                offsets.setLong((long) width * i, end);
            }
            end += i == positions.length ? 0 : length(from, positions[i]);
        }
        return end;
    }

    private static int offsetBytes(FieldVector from) {
        return from instanceof BaseLargeVariableWidthVector || from instanceof LargeListVector
                ? Long.BYTES
                : Integer.BYTES;
    }

    private static long offset(FieldVector from, int position) {
        ArrowBuf offsets = from.getOffsetBuffer();
        return offsetBytes(from) == Long.BYTES
                ? offsets.getLong((long) Long.BYTES * position)
                : offsets.getInt((long) Integer.BYTES * position);
    }

    private static long length(FieldVector from, int position) {
        return isNull(from, position) ? 0 : offset(from, position + 1) - offset(from, position);
    }

    /** Recursion is as deep as the codec lets fields be nested. */
    private void gatherChildren(FieldVector from, int[] positions, FieldVector to) {
        List<FieldVector> children = from.getChildrenFromFields();
        for (int i = 0; i < children.size(); i++) {
            FieldVector child = children.get(i);
            FieldVector target = to.getChildrenFromFields().get(i);
            if (from instanceof StructVector) {
                gather(child, positions, target);
            } else if (from instanceof FixedSizeListVector list) {
                gatherItems(child, itemsOf(from, list.getListSize(), positions), target);
            } else if (from instanceof ListVector || from instanceof LargeListVector) {
                gatherItems(child, itemsOf(from, positions), target);
            } else {
                VectorCopies.retain(child, target);
            }
        }
    }

    private void gatherItems(FieldVector items, int[] positions, FieldVector target) {
        gather(items, positions, target);
        free(positions);
    }

    private int[] itemsOf(FieldVector from, int size, int[] positions) {
        int[] items = newPositions((long) size * positions.length);
        for (int i = 0; i < items.length; i++) {
            int position = positions[i / size];
            items[i] = isNull(from, position) ? NULL : position * size + i % size;
        }
        return items;
    }

    private int[] itemsOf(FieldVector from, int[] positions) {
        long count = 0;
        for (int position : positions) {
            count += length(from, position);
        }
        int[] items = newPositions(count);
        int next = 0;
        for (int position : positions) {
            long start = isNull(from, position) ? 0 : offset(from, position);
            long length = length(from, position);
            for (long i = 0; i < length; i++) {
                items[next++] = (int) (start + i);
            }
        }
        return items;
    }

    /**
     * Returns positions to be filled in.
     *
     * @throws IpcException {@code TOO_LARGE} where they would take more than is allowed, with all that were not freed
     */
    int[] newPositions(long count) {
        requirePositions(count);
        positionCount += count;
        return new int[(int) count];
    }

    /** Counts positions no longer, of which nobody has need any more. */
    void free(int[] positions) {
        positionCount -= positions.length;
    }

    private void requirePositions(long count) {
        int max = maxBytes / Integer.BYTES;
        if (count > max - positionCount) {
            String rule = "<= " + max + ", for each 4 bytes of maxDecompressedBytes one";
            throw new IpcException(
                    IpcErrorCode.TOO_LARGE, "values and items to be decoded at once", positionCount + count, rule);
        }
    }

    private static ArrowBuf retained(ArrowBuf buffer) {
        buffer.getReferenceManager().retain();
        return buffer;
    }

    /** Returns a buffer of which nothing is written, owned. */
    private ArrowBuf newBuffer(long length, BufferAllocator allocator) {
        requireRoom(length);
        bytes += length;
        ByteBuf memory = UnpooledByteBufAllocator.DEFAULT.directBuffer((int) length, Math.max(1, (int) length));
        return ByteBufAllocation.wrap(memory.writerIndex((int) length), allocator)
                .writerIndex(length);
    }

    private void requireRoom(long length) {
        if (length > maxBytes - bytes) {
            String rule = "<= " + maxBytes + ", maxDecompressedBytes";
            throw new IpcException(IpcErrorCode.TOO_LARGE, "decoded bytes", bytes + length, rule);
        }
    }
}
