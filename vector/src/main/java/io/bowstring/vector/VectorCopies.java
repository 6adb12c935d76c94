package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Vectors with the values of others, in another allocator, also where Arrow could not transfer them: from one root to
 * another. Not instantiable.
 */
final class VectorCopies {
    private VectorCopies() {}

    /**
     * Copies a vector.
     *
     * @param vector without unions, which do not tell what they were made of; borrowed
     * @param allocator that can allocate
     * @return owned
     * @throws CapacityException if a buffer is longer than 2 GiB
     */
    static FieldVector copy(FieldVector vector, BufferAllocator allocator) {
        return newVector(vector.getField(), vector, allocator, buffer -> copy(buffer, allocator));
    }

    private static ArrowBuf copy(ArrowBuf buffer, BufferAllocator allocator) {
        int bytes = ArrowBuffers.bytes(buffer);
        ArrowBuf copied = allocator.buffer(bytes);
        copied.setBytes(0, buffer, buffer.readerIndex(), bytes);
        copied.writerIndex(bytes);
        return copied;
    }

    /**
     * Accounts the memory of a vector in an allocator, which need not be able to allocate.
     *
     * @param vector in memory of a {@link NettyAllocationFactory}, and without unions; borrowed
     * @return the same memory, owned
     * @throws org.apache.arrow.memory.OutOfMemoryException above the limit of the allocator
     */
    static FieldVector share(FieldVector vector, BufferAllocator allocator) {
        return newVector(vector.getField(), vector, allocator, buffer -> share(buffer, allocator));
    }

    private static ArrowBuf share(ArrowBuf buffer, BufferAllocator allocator) {
        if (buffer.readableBytes() == 0) {
            return allocator.getEmpty();
        }
        ByteBuf memory = ArrowBuffers.retainedByteBuf(buffer);
        return ByteBufAllocation.wrap(memory, allocator);
    }

    /**
     * Returns a vector over the very buffers of another, in the same allocator.
     *
     * @param vector borrowed
     * @param field what it was made of: unions do not tell, sparse ones answer with type ids of their own, dense ones sort
     *     their children
     * @return owned
     */
    static FieldVector retained(FieldVector vector, Field field) {
        return newVector(field, vector, vector.getAllocator(), VectorCopies::retained);
    }

    /** Makes the buffers of a vector, borrowed, those of another too, which is empty and made of the same field. */
    static void retain(FieldVector vector, FieldVector copy) {
        load(copy, vector, VectorCopies::retained);
    }

    private static ArrowBuf retained(ArrowBuf buffer) {
        buffer.getReferenceManager().retain();
        return buffer;
    }

    private static FieldVector newVector(
            Field field, FieldVector vector, BufferAllocator allocator, UnaryOperator<ArrowBuf> newBuffer) {
        FieldVector copy = field.createVector(allocator);
        try {
            load(copy, vector, newBuffer);
            return copy;
        } catch (Throwable e) {
            copy.close();
            throw e;
        }
    }

    private static void load(FieldVector copy, FieldVector vector, UnaryOperator<ArrowBuf> newBuffer) {
        List<ArrowBuf> buffers = new ArrayList<>();
        try {
            for (ArrowBuf buffer : vector.getFieldBuffers()) {
                buffers.add(newBuffer.apply(buffer));
            }
            copy.loadFieldBuffers(new ArrowFieldNode(vector.getValueCount(), vector.getNullCount()), buffers);
        } finally {
            buffers.forEach(ArrowBuf::close);
        }
        List<FieldVector> children = copy.getChildrenFromFields(); // a sparse union that was read may have one more
        for (int i = 0; i < children.size(); i++) {
            load(children.get(i), vector.getChildrenFromFields().get(i), newBuffer);
        }
    }

    /** Returns how long the buffers of a vector, borrowed, are together. */
    static long bytes(FieldVector vector) {
        long bytes = 0;
        for (ArrowBuf buffer : vector.getFieldBuffers()) {
            bytes += buffer.readableBytes();
        }
        for (FieldVector child : vector.getChildrenFromFields()) {
            bytes += bytes(child);
        }
        return bytes;
    }
}
