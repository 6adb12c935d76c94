package io.bowstring.codec;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Where a decoder's buffers come from: large ones from the pool, if there is one, all others from its channel's
 * allocator; all of them count in the budget, if there is one. Without both nothing stands between the two.
 *
 * <p>Confined to the channel's event loop.
 */
final class DecoderMemory {
    private final @Nullable IpcBodyPool pool;
    private final @Nullable IpcBudget budget;
    private @Nullable Lender lender;

    DecoderMemory(@Nullable IpcBodyPool pool, @Nullable IpcBudget budget) {
        this.pool = pool;
        this.budget = budget;
    }

    /** Counts the whole memory of a buffer, borrowed, from now until its end, if it, or what it is part of, comes from here. */
    void charge(ByteBuf buffer) {
        for (ByteBuf next = budget == null ? null : buffer; next != null; next = next.unwrap()) {
            if (next instanceof LentBuffer lent) {
                lent.charge();
                return;
            }
        }
    }

    /** Returns how much memory a buffer of so many bytes takes. */
    int takenBytes(int capacity) {
        return pool != null && capacity > IpcBodyPool.UNPOOLED_BYTES ? IpcBodyPool.takenBytes(capacity) : capacity;
    }

    /** Returns what to allocate from where the channel's allocator is {@code channel}. Its buffers do not grow. */
    ByteBufAllocator over(ByteBufAllocator channel) {
        if (pool == null && budget == null) {
            return channel;
        }
        Lender present = lender;
        if (present == null || !present.channel.equals(channel)) {
            present = new Lender(channel);
            lender = present;
        }
        return present;
    }

    private final class Lender extends AbstractByteBufAllocator {
        private final ByteBufAllocator channel;

        private Lender(ByteBufAllocator channel) {
            super(true);
            this.channel = channel;
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            IpcBodyPool source = initialCapacity > IpcBodyPool.UNPOOLED_BYTES ? pool : null;
            if (source == null && budget == null) {
                return channel.directBuffer(initialCapacity, maxCapacity);
            }
            ByteBuf memory = source == null
                    ? channel.directBuffer(initialCapacity, initialCapacity)
                    : source.take(initialCapacity);
            try {
                LentBuffer lent = new LentBuffer(memory, source, initialCapacity, channel);
                return source == null ? lent : toLeakAwareBuffer(lent); // the channel's has its own leak detection
            } catch (Throwable e) { // the heap is exhausted, mostly
                giveBack(memory, source);
                throw e;
            }
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return channel.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return true;
        }
    }

    private static void giveBack(ByteBuf memory, @Nullable IpcBodyPool source) {
        if (source == null) {
            memory.release();
        } else {
            source.giveBack(memory);
        }
    }

    /** Memory that goes back to where it comes from. */
    private final class LentBuffer extends ForeignBuffer {
        private final @Nullable IpcBodyPool source;
        private int chargedBytes;

        private LentBuffer(ByteBuf memory, @Nullable IpcBodyPool source, int capacity, ByteBufAllocator allocator) {
            super(memory, capacity, allocator, () -> {});
            this.source = source;
        }

        private void charge() {
            ByteBuf memory = memory();
            if (budget != null && memory != null && chargedBytes == 0) {
                chargedBytes = memory.capacity();
                budget.add(chargedBytes);
            }
        }

        @Override
        void giveBack(ByteBuf lent) {
            DecoderMemory.giveBack(lent, source);
            if (budget != null && chargedBytes != 0) {
                budget.remove(chargedBytes); // last: those that it wakes find the memory there
            }
        }
    }
}
