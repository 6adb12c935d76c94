package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.function.Consumer;

/** A pipeline without a socket: a decoder and a sink. Confined to the caller's thread. */
final class Receiver implements AutoCloseable {
    /** What Netty reads from a socket at most, unless told otherwise. */
    private static final int CHUNK_BYTES = 64 << 10;

    private final Sink sink;
    private final EmbeddedChannel channel;

    /** Creates a receiver that has got the schema and lends it and what follows to {@code onMessage}. */
    Receiver(Framing framing, Consumer<Object> onMessage) {
        this.sink = new Sink(onMessage);
        this.channel = new EmbeddedChannel(framing.newDecoder(), sink);
        receiveWhole(Streams.schema());
    }

    Receiver(Framing framing) {
        this(framing, message -> {});
    }

    /** Receives {@code in} as it is; consumed. */
    void receiveWhole(ByteBuf in) {
        channel.pipeline().fireChannelRead(in).fireChannelReadComplete();
    }

    /**
     * Receives the bytes of {@code source}, which is borrowed, as a socket gives them: copied into one buffer after
     * another.
     */
    void receiveChunks(ByteBuf source) {
        ByteBufAllocator allocator = channel.alloc();
        int end = source.writerIndex();
        for (int at = source.readerIndex(); at < end; at += CHUNK_BYTES) {
            ByteBuf chunk = allocator.directBuffer(CHUNK_BYTES);
            channel.pipeline().fireChannelRead(chunk.writeBytes(source, at, Math.min(CHUNK_BYTES, end - at)));
        }
        channel.pipeline().fireChannelReadComplete();
    }

    /** Returns how many messages have come, the schema included. */
    long messages() {
        return sink.messages();
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
