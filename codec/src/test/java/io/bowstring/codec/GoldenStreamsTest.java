package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of other Arrow implementations go through decoder and encoder and come out as they were. */
@ExtendWith(LeakDetection.class)
class GoldenStreamsTest {
    private static final int RANDOM_ROUNDS = 20;
    private static final long SEED = Seeds.fresh("GoldenStreamsTest");

    /** Returns all streams but the two whose work, bytes times bytes, would take a minute. */
    static Stream<Path> shortStreams() {
        return GoldenStreams.littleEndian().stream()
                .filter(file -> file.toFile().length() < 32 << 10);
    }

    @ParameterizedTest
    @MethodSource("shortStreams")
    void relaysStreamThatIsCutInTwoAnywhere(Path file) {
        try (RelayProbe relay = new RelayProbe(GoldenStreams.read(file))) {
            for (int cut = 0; cut <= relay.bytes(); cut++) {
                relay.send(cut);
                relay.send(relay.bytes() - cut);
                relay.assertRelayed();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void relaysStreamWhoseMessagesAreEachCutAnywhere(Path file) {
        try (RelayProbe relay = new RelayProbe(GoldenStreams.read(file))) {
            relay.send(relay.bytes());
            List<Integer> starts = List.copyOf(relay.starts);
            relay.assertRelayed();
            for (int ahead = 0, cuts = 1; cuts > 0; ahead++) {
                cuts = 0;
                for (int i = 0; i < starts.size(); i++) {
                    int end = i + 1 < starts.size() ? starts.get(i + 1) : relay.bytes();
                    if (starts.get(i) + ahead < end) {
                        relay.send(starts.get(i) + ahead - relay.sent);
                        cuts++;
                    }
                }
                relay.send(relay.bytes() - relay.sent);
                relay.assertRelayed();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void relaysStreamByteByByte(Path file) {
        try (RelayProbe relay = new RelayProbe(GoldenStreams.read(file))) {
            for (int i = 0; i < relay.bytes(); i++) {
                relay.send(1);
            }
            relay.assertRelayed();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void relaysStreamThatIsCutAtRandom(Path file) {
        Random random = new Random(SEED);
        try (RelayProbe relay = new RelayProbe(GoldenStreams.read(file))) {
            for (int round = 0; round < RANDOM_ROUNDS; round++) {
                int longest = 1 + random.nextInt(1 << (1 + random.nextInt(12)));
                for (int left = relay.bytes(); left > 0; ) {
                    int chunk = Math.min(left, random.nextInt(longest + 1));
                    relay.send(chunk);
                    left -= chunk;
                }
                relay.assertRelayed();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void relaysStreamWithoutVerifyingIt(Path file) {
        DecoderToEncoder channel = new DecoderToEncoder(IpcVerification.FRAMING);
        try (RelayProbe relay = new RelayProbe(channel, GoldenStreams.read(file))) {
            relay.send(relay.bytes());
            relay.assertRelayed();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#bigEndian")
    void refusesBigEndianStream(Path file) {
        try (DecoderProbe probe = new DecoderProbe().feed(GoldenStreams.read(file))) {
            IpcException error = probe.error();
            assertThat(error.code()).isEqualTo(IpcErrorCode.UNSUPPORTED);
            assertThat(error).hasMessage("endianness: 1 (expected: 0 (little-endian))");
            assertThat(probe.messages).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#legacy")
    void refusesFramingWithoutContinuationMarker(Path file) {
        try (DecoderProbe probe = new DecoderProbe().feed(GoldenStreams.read(file))) {
            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.NOT_ARROW);
            assertThat(probe.messages).isEmpty();
        }
    }

    /** Compares what comes out of a channel with the stream that goes in, over and over, without copying either. */
    private static final class RelayProbe implements AutoCloseable {
        private final DecoderToEncoder channel;
        private final ByteBuf stream;
        private final List<Integer> starts = new ArrayList<>();
        private int sent;
        private int relayed;

        RelayProbe(byte[] bytes) {
            this(new DecoderToEncoder(), bytes);
        }

        RelayProbe(DecoderToEncoder channel, byte[] bytes) {
            this.channel = channel;
            stream = channel.alloc().directBuffer(bytes.length).writeBytes(bytes);
        }

        int bytes() {
            return stream.readableBytes();
        }

        void send(int bytes) {
            channel.writeInbound(stream.retainedSlice(sent, bytes));
            sent += bytes;
            for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
                int length = frame.readableBytes();
                boolean isSame = isAt(frame, relayed) || frame.equals(stream.slice(relayed, length));
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

        void assertRelayed() {
            assertThat(sent).isEqualTo(bytes());
            assertThat(relayed).isEqualTo(bytes());
            sent = 0;
            relayed = 0;
            starts.clear();
        }

        @Override
        public void close() {
            stream.release();
            assertThat(channel.finish()).isFalse();
        }
    }
}
