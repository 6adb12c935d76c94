package io.bowstring.bench;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcVerification;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.ByteToMessageDecoder;

/** A way to find messages in what has been received. */
public enum Framing {
    /** Our decoder without the verifier. */
    FRAMING,
    /** Our decoder with the verifier. */
    STRUCTURE,
    /** Our decoder with the verifier, which hands on small batches as runs. */
    RUNS,
    /** A {@link ByteToMessageDecoder} as it comes: bytes are merged into one buffer. */
    MERGE,
    /** A {@link ByteToMessageDecoder} that strings buffers together. */
    COMPOSITE,
    /** Two lengths and a slice, for whole messages only. */
    FLOOR;

    ChannelHandler newDecoder() {
        return switch (this) {
            case FRAMING -> new IpcDecoder(IpcDecoderConfig.DEFAULTS.withVerification(IpcVerification.FRAMING));
            case STRUCTURE -> new IpcDecoder();
            case RUNS -> new IpcDecoder(IpcDecoderConfig.DEFAULTS.withBatchRuns(true));
            case MERGE -> new CumulatingDecoder(ByteToMessageDecoder.MERGE_CUMULATOR);
            case COMPOSITE -> new CumulatingDecoder(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
            case FLOOR -> new FloorDecoder();
        };
    }
}
