package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a pipeline may expect of the decoder besides decoding. */
@ExtendWith(LeakDetection.class)
class IpcDecoderCitizenshipTest {
    private static final byte[] STREAM = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.END);

    @Test
    void passesOnWhatIsNotBytes() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.channel.writeInbound("text");
            probe.channel.writeInbound(IpcEndOfStream.INSTANCE);

            assertThat(probe.others).containsExactly("text");
            assertThat(probe.messages).containsExactly(IpcEndOfStream.INSTANCE);
        }
    }

    @Test
    void keepsOrderWhenReadReEnters() {
        byte[] other = Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.END);
        try (DecoderProbe probe = new DecoderProbe()) {
            AtomicBoolean isFirst = new AtomicBoolean(true);
            probe.onMessage = message -> {
                if (isFirst.getAndSet(false)) {
                    probe.channel.pipeline().fireChannelRead(probe.direct(Arrays.copyOf(other, 20)));
                    probe.channel.pipeline().fireChannelRead(probe.direct(Arrays.copyOfRange(other, 20, other.length)));
                }
            };
            probe.feed(STREAM);

            assertThat(probe.frames()).isEqualTo(Wire.concat(STREAM, other));
        }
    }

    @Test
    void discardsReEnteredReadAfterError() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.onMessage = message -> probe.channel.pipeline().fireChannelRead(probe.direct(Wire.SCHEMA));
            probe.feed(Wire.concat(Wire.SCHEMA, Wire.SCHEMA));

            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.OUT_OF_ORDER);
            assertThat(probe.messages).hasSize(1);
        }
    }

    @Test
    void readsOnUntilTheNextHandlerHasItsMessage() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.channel.config().setAutoRead(false);
            probe.feed(Arrays.copyOf(STREAM, 4));
            probe.feed(Arrays.copyOfRange(STREAM, 4, 135));
            assertThat(probe.reads).isEqualTo(2);

            probe.feed(Arrays.copyOfRange(STREAM, 135, 140));
            assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA);
            assertThat(probe.reads).isEqualTo(2); // it got one, and asks for the next when it wants it

            probe.feed(Arrays.copyOfRange(STREAM, 140, 150));
            assertThat(probe.reads).isEqualTo(3);
            probe.feed(Arrays.copyOfRange(STREAM, 150, STREAM.length));
            assertThat(probe.reads).isEqualTo(3);
            assertThat(probe.readCompletes).isEqualTo(5);
        }
    }

    @Test
    void leavesReadingToAutoRead() {
        try (DecoderProbe probe = new DecoderProbe()) {
            int before = probe.reads;
            probe.feed(Arrays.copyOf(STREAM, 4));

            assertThat(probe.reads).isEqualTo(before + 1); // by the channel itself
            probe.feed(Arrays.copyOfRange(STREAM, 4, STREAM.length));
        }
    }

    @Test
    void readsNoMoreAfterError() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.channel.config().setAutoRead(false);
            probe.feed(Wire.END);

            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.OUT_OF_ORDER);
            assertThat(probe.reads).isZero();
        }
    }

    @Test
    void handsOnBytesOfIncompleteMessageWhenRemoved() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.feed(Wire.SCHEMA, Arrays.copyOf(Wire.BATCH, 140));
            probe.channel.pipeline().remove(probe.decoder);

            assertThat(probe.others)
                    .singleElement()
                    .satisfies(rest ->
                            assertThat(ByteBufUtil.getBytes((ByteBuf) rest)).isEqualTo(Arrays.copyOf(Wire.BATCH, 140)));
        }
    }

    @Test
    void handsOnNothingWhenRemovedBetweenMessages() {
        try (DecoderProbe probe = new DecoderProbe().feed(STREAM)) {
            probe.channel.pipeline().remove(probe.decoder);

            assertThat(probe.others).isEmpty();
        }
    }

    @Test
    void handsOnRestOfInputWhenRemovedByHandler() {
        byte[] reEntered = {1, 2, 3};
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.onMessage = message -> {
                probe.channel.pipeline().fireChannelRead(probe.direct(reEntered));
                probe.channel.pipeline().remove(probe.decoder);
            };
            probe.feed(Wire.concat(Wire.SCHEMA, Wire.BATCH));

            assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA);
            byte[][] rest = probe.others.stream()
                    .map(bytes -> ByteBufUtil.getBytes((ByteBuf) bytes))
                    .toArray(byte[][]::new);
            assertThat(rest).isDeepEqualTo(new byte[][] {Wire.BATCH, reEntered});
        }
    }

    @Test
    void firesNoEmptyBufferWhenRemovedByHandlerOfLastMessage() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.onMessage = message -> probe.channel.pipeline().remove(probe.decoder);
            probe.feed(Wire.SCHEMA);

            assertThat(probe.others).isEmpty();
        }
    }

    @Test
    void tellsNextHandlerThatTheChannelIsInactive() {
        AtomicBoolean wasTold = new AtomicBoolean();
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder(), new ChannelInboundHandlerAdapter() {
            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                wasTold.set(true);
            }
        });

        assertThat(channel.finish()).isFalse();
        assertThat(wasTold).isTrue();
    }

    @Test
    void failsOnceAndReleasesWhatIsQueuedWhenItsAllocatorThrows() {
        ByteBuf part = unpooled(Arrays.copyOf(Wire.BATCH, 20));
        ByteBuf rest = unpooled(Arrays.copyOfRange(Wire.BATCH, 20, Wire.BATCH.length));
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.channel.config().setAllocator(new ThrowingAllocator());
            probe.onMessage = message -> {
                probe.channel.pipeline().fireChannelRead(part);
                probe.channel.pipeline().fireChannelRead(rest);
            };
            probe.channel.writeInbound(unpooled(Wire.SCHEMA));

            assertThat(probe.errors).singleElement().isInstanceOf(IllegalStateException.class);
            assertThat(part.refCnt()).isZero();
            assertThat(rest.refCnt()).isZero();
            probe.channel.writeInbound(unpooled(Wire.BATCH));
            assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA);
            assertThat(probe.errors).hasSize(1);
            probe.errors.clear();
        }
    }

    private static ByteBuf unpooled(byte[] bytes) {
        return UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    }

    /** Has no memory to give, and a bug where it should say so. */
    private static final class ThrowingAllocator extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new IllegalStateException("from the allocator");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new IllegalStateException("from the allocator");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @Test
    void releasesInputWhenTheNextHandlerThrows() {
        try (DecoderProbe probe = new DecoderProbe()) {
            probe.onMessage = message -> {
                throw new IllegalStateException("from the handler");
            };
            probe.feed(Wire.concat(Wire.SCHEMA, Wire.BATCH));

            assertThat(probe.messages).hasSize(2);
            assertThat(probe.errors).hasSize(2).allMatch(IllegalStateException.class::isInstance);
            probe.errors.clear();
        }
    }
}
