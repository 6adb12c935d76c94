package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Hands out buffers and remembers them. Confined to one thread. */
final class TestBuffers implements IntFunction<ByteBuf> {
    /** What there is where there is no memory. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    final List<ByteBuf> given = new ArrayList<>();
    private int left = Integer.MAX_VALUE;
    private long bytes;

    /** Gives so many buffers, then refuses one. */
    void refuseAfter(int count) {
        left = count;
    }

    @Override
    public ByteBuf apply(int bytes) {
        if (left-- == 0) {
            throw new Refusal();
        }
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
        given.add(buffer);
        this.bytes += bytes;
        return buffer;
    }

    /** Returns how much it has given, in bytes. */
    long bytes() {
        return bytes;
    }

    void requireFree() {
        assertThat(given).allMatch(buffer -> buffer.refCnt() == 0);
    }
}
