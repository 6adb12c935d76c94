package io.bowstring.bench;

import io.bowstring.codec.IpcBodyPool;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.netty.channel.Channel;

/** A way to receive messages from a socket. */
enum Reception {
    /** Our decoder, verifier on, with its receive allocator and a pool for large bodies. */
    DIRECT,
    /** Our decoder alone, verifier on: a body is copied once, into its own buffer. */
    COPY,
    /** {@link Framing#MERGE}. */
    MERGE,
    /** {@link Framing#COMPOSITE}; bodies are not contiguous. */
    COMPOSITE;

    private static final IpcBodyPool POOL = new IpcBodyPool(64 << 20);

    void addTo(Channel channel) {
        if (this == DIRECT) {
            IpcDecoder decoder = new IpcDecoder(IpcDecoderConfig.DEFAULTS.withPool(POOL));
            channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
            channel.pipeline().addLast(decoder);
        } else {
            channel.pipeline().addLast(framing().newDecoder());
        }
    }

    private Framing framing() {
        return switch (this) {
            case DIRECT, COPY -> Framing.STRUCTURE;
            case MERGE -> Framing.MERGE;
            case COMPOSITE -> Framing.COMPOSITE;
        };
    }
}
