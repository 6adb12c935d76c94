package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares what comes out of a channel with the stream that goes in, over and over, without copying either. Confined to
 * the test's thread.
 */
final class RelayProbe implements AutoCloseable {
    private final DecoderToEncoder channel;
    private final ByteBuf stream;
    private final List<Integer> starts = new ArrayList<>();
    private int sent;
    private int relayed;

    /** Relays a golden stream; the decoder verifies its structure. */
    RelayProbe(Path file) {
        this(IpcDecoderConfig.DEFAULTS.withLegacyFraming(GoldenStreams.isLegacy(file)), GoldenStreams.read(file));
    }

    RelayProbe(IpcDecoderConfig config, byte[] bytes) {
        channel = new DecoderToEncoder(config);
        stream = channel.alloc().directBuffer(bytes.length).writeBytes(bytes);
    }

    int bytes() {
        return stream.readableBytes();
    }

    /** Sends what comes next, up to the byte at {@code end}. */
    void sendUpTo(int end) {
        send(end - sent);
    }

    void send(int bytes) {
        channel.writeInbound(stream.retainedSlice(sent, bytes));
        sent += bytes;
        for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
            int length = frame.readableBytes();
            boolean isSame = isAt(frame, relayed) || isEqual(frame, stream.slice(relayed, length));
            frame.release();
            starts.add(relayed);
            relayed += length;
            if (!isSame) {
                throw new AssertionError("frame that ends at byte " + relayed + ", at cut " + sent);
            }
        }
    }

    /** Returns whether {@code frame} is not merely equal to the input at {@code index} but is that memory. */
    private boolean isAt(ByteBuf frame, int index) {
        return frame.hasMemoryAddress()
                && frame.memoryAddress() + frame.readerIndex() == stream.memoryAddress() + index;
    }

    /** As the buffers' own comparison, many times faster. */
    private static boolean isEqual(ByteBuf one, ByteBuf other) {
        return one.nioBuffer().mismatch(other.nioBuffer()) < 0;
    }

    /** Checks that the whole stream has come out, and begins anew. Returns where its messages begin. */
    List<Integer> assertRelayed() {
        assertThat(sent).isEqualTo(bytes());
        assertThat(relayed).isEqualTo(bytes());
        sent = 0;
        relayed = 0;
        List<Integer> all = List.copyOf(starts);
        starts.clear();
        return all;
    }

    @Override
    public void close() {
        stream.release();
        assertThat(channel.finish()).isFalse();
    }
}
