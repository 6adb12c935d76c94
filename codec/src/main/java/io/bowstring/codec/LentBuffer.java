package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer over memory that goes back to who lent it when the last reference is dropped, by whichever thread. Its
 * capacity is fixed.
 *
 * <p>Owns the memory. As with any buffer: counted by any thread, confined to its holder otherwise.
 */
final class LentBuffer extends UnpooledDirectByteBuf {
    private final ByteBuf memory;
    private final @Nullable IpcBodyPool pool;
    private final @Nullable IpcBudget budget;
    private int chargedBytes;

    /** Known to the memory; its {@code ByteBuffer} does not tell it on a JVM without Unsafe. */
    private final long address;

    /**
     * Makes the first bytes of {@code memory} a buffer, empty at first.
     *
     * @param memory direct; consumed
     * @param pool the pool that it comes from, or null if it is to be released
     * @param budget what it counts in once it is charged, or null
     * @param allocator what {@link #alloc()} is to return
     */
    LentBuffer(
            ByteBuf memory,
            @Nullable IpcBodyPool pool,
            @Nullable IpcBudget budget,
            int capacity,
            ByteBufAllocator allocator) {
        super(allocator, memory.nioBuffer(0, capacity), capacity);
        this.memory = memory;
        this.pool = pool;
        this.budget = budget;
        this.address = memory.hasMemoryAddress() ? memory.memoryAddress() : 0;
        setIndex(0, 0);
    }

    /** Counts the whole memory of {@code buffer}, borrowed, as in use until it is released, if it is lent or part of such. */
    static void charge(ByteBuf buffer) {
        for (ByteBuf next = buffer; next != null; next = next.unwrap()) {
            if (next instanceof LentBuffer lent) {
                lent.charge();
                return;
            }
        }
    }

    private void charge() {
        if (budget != null && chargedBytes == 0) {
            chargedBytes = memoryBytes();
            budget.add(chargedBytes);
        }
    }

    /** Returns the length of the whole memory, which may be more than the capacity. */
    int memoryBytes() {
        return memory.capacity();
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        checkNewCapacity(newCapacity);
        if (newCapacity != capacity()) {
            throw new UnsupportedOperationException("capacity: " + newCapacity + " (expected: " + capacity() + ")");
        }
        return this;
    }

    @Override
    public boolean hasMemoryAddress() {
        return address != 0;
    }

    @Override
    public long memoryAddress() {
        ensureAccessible();
        if (address == 0) {
            throw new UnsupportedOperationException();
        }
        return address;
    }

    @Override
    protected void deallocate() {
        super.deallocate(); // lets go of the view, and frees nothing
        if (pool == null) {
            memory.release();
        } else {
            pool.giveBack(memory);
        }
        if (budget != null && chargedBytes != 0) {
            budget.remove(chargedBytes); // last: who is woken finds the memory there
        }
    }
}
