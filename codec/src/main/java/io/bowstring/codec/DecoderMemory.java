package io.bowstring.codec;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Where a decoder's buffers come from: large ones from the pool, if there is one, all others from its channel's
 * allocator. Without a pool nothing stands between the two.
 *
 * <p>Confined to the channel's event loop.
 */
final class DecoderMemory {
    private final @Nullable IpcBodyPool pool;
    private @Nullable Lender lender;

    DecoderMemory(@Nullable IpcBodyPool pool) {
        this.pool = pool;
    }

    /** Returns what to allocate from where the channel's allocator is {@code channel}. Its buffers do not grow. */
    ByteBufAllocator over(ByteBufAllocator channel) {
        if (pool == null) {
            return channel;
        }
        Lender present = lender;
        if (present == null || present.channel != channel) {
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
            if (pool == null || initialCapacity <= IpcBodyPool.UNPOOLED_BYTES) {
                return channel.directBuffer(initialCapacity, maxCapacity);
            }
            ByteBuf block = pool.take(initialCapacity);
            return toLeakAwareBuffer(new LentBuffer(block, pool, initialCapacity, channel));
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
