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

    /** Counts the memory of a buffer, borrowed, from now until its end, if it comes from here. */
    void charge(ByteBuf buffer) {
        if (budget != null) {
            LentBuffer.charge(buffer);
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
            if (source != null) {
                ByteBuf block = source.take(initialCapacity);
                return toLeakAwareBuffer(new LentBuffer(block, source, budget, initialCapacity, channel));
            }
            if (budget != null) {
                ByteBuf memory = channel.directBuffer(initialCapacity, initialCapacity); // has its own leak detection
                return new LentBuffer(memory, null, budget, initialCapacity, channel);
            }
            return channel.directBuffer(initialCapacity, maxCapacity);
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
}
