package io.bowstring.vector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What writers leave out of a body and arrow-java would allocate for each vector: validity where no value is null, and the
 * offset of no values. One buffer serves all vectors of a batch, and those of the next ones as long as it is small; they must
 * not be written to.
 *
 * <pre>
 *   │ 0 0 0 0 0 0 0 0 │ FF FF FF FF ...
 *     an offset         validity
 * </pre>
 *
 * <p>Owns the buffer; vectors that use it keep it alive. Confined to one thread.
 */
final class MissingBuffers implements AutoCloseable {
    private static final int OFFSET_BYTES = Long.BYTES;
    private static final int MIN_VALIDITY_BYTES = 1 << 10;

    /** What is kept from one batch to the next at most, for 8 Mi values: one large batch must not cost its reader for good. */
    private static final int MAX_KEPT_BYTES = OFFSET_BYTES + (1 << 20);

    private final BufferAllocator allocator;
    private ArrowBuf buffer;

    /** Of the buffer: what was asked for last, as the columns of a batch mostly ask for the same. */
    private ArrowBuf validity;

    /** Creates an empty one that accounts in {@code allocator}, borrowed. */
    MissingBuffers(BufferAllocator allocator) {
        this.allocator = allocator;
        this.buffer = allocator.getEmpty();
        this.validity = buffer;
    }

    /** Returns the one offset that there is where there are no values; borrowed. */
    ArrowBuf offset() {
        require(0);
        return buffer.slice(0, OFFSET_BYTES);
    }

    /** Returns validity of so many values, none of them null; borrowed, and not to be changed in its indices. */
    ArrowBuf validity(long length) {
        long bytes = (length + 7) >>> 3;
        if (validity.capacity() != bytes) {
            require(bytes);
            validity = buffer.slice(OFFSET_BYTES, bytes);
        }
        return validity;
    }

    /** All vectors of a batch have been loaded. */
    void endBatch() {
        if (buffer.capacity() > MAX_KEPT_BYTES) {
            close();
        }
    }

    private void require(long validityBytes) {
        if (buffer.capacity() < OFFSET_BYTES + validityBytes) {
            long present = buffer.capacity() == 0 ? MIN_VALIDITY_BYTES : 2 * (buffer.capacity() - OFFSET_BYTES);
            ArrowBuf longer = allocate((int) Math.max(present, validityBytes));
            close();
            buffer = longer;
        }
    }

    /** Not by {@code allocator}: what Arrow allocates with by default does not work on every JVM. */
    private ArrowBuf allocate(int validityBytes) {
        int bytes = OFFSET_BYTES + validityBytes;
        ByteBuf memory = UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
        memory.writeLongLE(0).writerIndex(bytes);
        ArrowBuf longer = ByteBufAllocation.wrap(memory, allocator);
        longer.setOne(OFFSET_BYTES, (long) validityBytes);
        return longer;
    }

    @Override
    public void close() {
        buffer.close();
        buffer = allocator.getEmpty();
        validity = buffer;
    }
}
