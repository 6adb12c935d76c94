package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * Decodes one frame after another as a peer would, for tests of modules that know no channels. Confined to the caller's
 * thread.
 */
public final class FrameReader {
    private final EmbeddedChannel channel;

    public FrameReader() {
        this(IpcDecoderConfig.DEFAULTS);
    }

    private FrameReader(IpcDecoderConfig config) {
        this.channel = new EmbeddedChannel(new IpcDecoder(config));
    }

    /** Returns a reader that puts small record batches together. */
    public static FrameReader ofRuns() {
        return new FrameReader(IpcDecoderConfig.DEFAULTS.withBatchRuns(true));
    }

    /**
     * Decodes the frames of small record batches that come next.
     *
     * @param frames consumed
     * @return owned
     */
    public IpcRecordBatchRun readRun(ByteBuf frames) {
        channel.writeInbound(frames);
        return channel.readInbound();
    }

    /**
     * Decodes the next frame of a stream.
     *
     * @param frame a whole message; consumed
     * @return the message, owned
     * @throws IpcException where it is not what may come next
     */
    public IpcMessage read(ByteBuf frame) {
        channel.writeInbound(frame);
        IpcMessage message = channel.readInbound();
        if (message == null) {
            throw new IllegalArgumentException("not a whole message");
        }
        return message;
    }
}
