package io.bowstring.bench;

import io.bowstring.codec.IpcDecoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** A way to receive messages from a socket. */
enum Reception {
    /** Our decoder, verifier on, with its receive allocator. */
    DIRECT,
    /** Our decoder alone, verifier on: a body is copied once, into its own buffer. */
    COPY,
    /** {@link Framing#MERGE}. */
    MERGE,
    /** {@link Framing#COMPOSITE}; bodies are not contiguous. */
    COMPOSITE;

    void addTo(Channel channel) {
        ChannelHandler decoder = framing().newDecoder();
        if (this == DIRECT) {
            channel.config().setRecvByteBufAllocator(((IpcDecoder) decoder).receiveAllocator());
        }
        channel.pipeline().addLast(decoder);
    }

    private Framing framing() {
        return switch (this) {
            case DIRECT, COPY -> Framing.STRUCTURE;
            case MERGE -> Framing.MERGE;
            case COMPOSITE -> Framing.COMPOSITE;
        };
    }
}
