package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a decoder with bytes that nobody vouches for, uses every message that comes of them, and checks what must hold
 * whatever they are:
 *
 * <ul>
 *   <li>nothing is fired but messages and then at most one {@link IpcException};
 *   <li>the frames of the messages are the bytes that came in, in order;
 *   <li>no more memory is taken ahead of what has arrived than {@link AdvanceRuleTest} says, and none is kept.
 * </ul>
 *
 * <p>Confined to the test's thread.
 */
final class HostileStream {
    private static final int INITIAL_BODY_BYTES = 1 << 20;
    private static final int SLACK_BYTES = 64 << 10;

    private final CountingAllocator allocator = new CountingAllocator();
    private final List<ByteBuf> inputs = new ArrayList<>();
    private final ByteBuf expected;
    private long received;
    private int largestFrame;
    private int messages;

    private HostileStream(byte[] stream) {
        expected = Unpooled.wrappedBuffer(stream);
    }

    /**
     * Decodes {@code stream}, which comes in {@code chunks}.
     *
     * @throws AssertionError where something does not hold
     */
    static Outcome decode(IpcDecoderConfig config, byte[] stream, List<byte[]> chunks) {
        return new HostileStream(stream).run(config, chunks);
    }

    private Outcome run(IpcDecoderConfig config, List<byte[]> chunks) {
        try (DecoderProbe probe = new DecoderProbe(config)) {
            probe.channel.config().setAllocator(allocator);
            probe.onMessage = message -> {
                probe.messages.clear(); // it is consumed here
                take(message);
            };
            for (byte[] chunk : chunks) {
                received += chunk.length;
                ByteBuf in =
                        Unpooled.buffer().writeBytes(chunk); // on the heap: leak detection takes longer than decoding
                probe.channel.writeInbound(in);
                inputs.add(in);
                requireAdvanceRule();
            }
            probe.halfClose();
            inputs.forEach(in -> require(in.refCnt() == 0, "references to input", in.refCnt()));
            require(allocator.usedBytes() == 0, "bytes are kept", allocator.usedBytes());
            return new Outcome(messages, error(probe));
        }
    }

    private void take(IpcMessage message) {
        ByteBuf frame = message.frame();
        int bytes = frame.readableBytes();
        largestFrame = Math.max(largestFrame, bytes);
        messages++;
        try {
            require(expected.readableBytes() >= bytes, "more bytes come out than went in", message);
            require(ByteBufUtil.equals(frame, expected.readSlice(bytes)), "other bytes come out", message);
        } catch (AssertionError e) {
            message.release();
            throw e;
        }
        MessageUse.use(message);
    }

    private void requireAdvanceRule() {
        long advance = Math.max(received, Math.max(INITIAL_BODY_BYTES, 2L * largestFrame));
        require(allocator.usedBytes() <= received + advance + SLACK_BYTES, "bytes in use", allocator.usedBytes());
        // While a partial message moves to a wider buffer the narrower one is there too.
        require(
                allocator.peakBytes() <= 2 * received + advance + 2 * SLACK_BYTES,
                "bytes in use at once",
                allocator.peakBytes());
    }

    private static @Nullable String error(DecoderProbe probe) {
        List<Throwable> errors = List.copyOf(probe.errors);
        probe.errors.clear();
        for (Throwable error : errors) {
            if (!(error instanceof IpcException)) {
                throw new AssertionError("fires what no peer may cause: " + error, error);
            }
        }
        require(errors.size() < 2, "errors", errors);
        return errors.isEmpty() ? null : errors.get(0).getMessage();
    }

    private static void require(boolean holds, String what, Object is) {
        if (!holds) {
            throw new AssertionError(what + ": " + is);
        }
    }

    /**
     * What came of a stream.
     *
     * @param messages how many came out
     * @param error what the one error said, null where there was none
     */
    record Outcome(int messages, @Nullable String error) {
        boolean isAccepted() {
            return error == null;
        }
    }
}
