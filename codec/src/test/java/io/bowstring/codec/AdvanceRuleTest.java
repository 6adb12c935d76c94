package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A claim costs who makes it: whatever a message says that it will be, no more is allocated than
 * max(1 MiB, 2 × the largest body so far, received so far) + 64 KiB ahead of what has been received.
 */
@ExtendWith(LeakDetection.class)
class AdvanceRuleTest {
    private static final int MIB = 1 << 20;
    private static final int SLACK = 64 << 10;
    private static final int CHUNK = 8 << 10;

    @Test
    void allocatesOneMebibyteAtOnce() {
        try (Meter meter = new Meter()) {
            meter.send(head(MIB));

            assertThat(meter.allocator.usedBytes()).isBetween((long) MIB, (long) MIB + SLACK);
        }
    }

    @Test
    void allocatesNothingForTheHeadOfLargerBody() {
        try (Meter meter = new Meter()) {
            meter.send(head(MIB + 8));
            meter.send(new byte[CHUNK]);

            assertThat(meter.allocator.usedBytes()).isZero();
        }
    }

    @Test
    void allocatesWhatTheConnectionHasEarned() {
        try (Meter meter = new Meter()) {
            meter.send(message(3 * MIB, 1));
            assertThat(meter.probe.messages).hasSize(2);
            meter.probe.take().forEach(IpcMessage::release);
            meter.send(head(6 * MIB));

            assertThat(meter.allocator.usedBytes()).isBetween(6L * MIB, 6L * MIB + SLACK);
        }
    }

    @Test
    void allocatesNoMoreThanTheBodyNeeds() {
        try (Meter meter = new Meter()) {
            meter.send(head(100_000));

            assertThat(meter.allocator.usedBytes()).isBetween(100_000L, 100_000L + 2048);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MIB - 8, MIB, MIB + 8, 2 * MIB, 2 * MIB + 8, 3 * MIB, 8 * MIB + 8, 33 * MIB, 64 * MIB})
    void growsAsBytesArrive(int bodyBytes) {
        byte[] message = message(bodyBytes, 7);
        try (Meter meter = new Meter()) {
            for (int from = 0; from < message.length; from += CHUNK) {
                meter.send(Arrays.copyOfRange(message, from, Math.min(message.length, from + CHUNK)));
                long received = Math.min(message.length, from + CHUNK);
                assertThat(meter.allocator.usedBytes()).isLessThanOrEqualTo(received + Math.max(MIB, received) + SLACK);
                // while it moves to a wider buffer, the narrower one is there too
                assertThat(meter.allocator.peakBytes())
                        .isLessThanOrEqualTo(2 * received + Math.max(MIB, received) + 2 * SLACK);
            }

            assertThat(ByteBufUtil.getBytes(meter.probe.messages.get(1).frame()))
                    .isEqualTo(message);
            assertThat(meter.probe.decoder.copiedBytes()).isEqualTo(bodyBytes);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 2048})
    void keepsNoMoreReceivedMemoryThanItMayAllocate(int bytesPerBuffer) {
        byte[] message = message(5 * MIB, 7);
        try (Meter meter = new Meter()) {
            int from = 0;
            for (; from < 4_000_000 && from < 10_000 * bytesPerBuffer; from += bytesPerBuffer) {
                meter.probe.channel.writeInbound(
                        meter.allocator.directBuffer(2048).writeBytes(message, from, bytesPerBuffer));
                long received = from + bytesPerBuffer;
                assertThat(meter.allocator.usedBytes()).isLessThanOrEqualTo(received + Math.max(MIB, received) + SLACK);
            }
            meter.sendInChunks(Arrays.copyOfRange(message, from, message.length));

            assertThat(ByteBufUtil.getBytes(meter.probe.messages.get(1).frame()))
                    .isEqualTo(message);
            assertThat(meter.probe.decoder.copiedBytes()).isLessThan(2 * 5 * MIB);
        }
    }

    @Test
    void copiesOnceWhatIsReceivedInHandfuls() {
        try (Meter meter = new Meter()) {
            byte[] message = message(5 * MIB, 7);
            meter.send(Arrays.copyOf(message, 100));
            for (int from = 100; from < message.length; from += 1400) {
                meter.send(Arrays.copyOfRange(message, from, Math.min(message.length, from + 1400)));
            }

            assertThat(meter.probe.decoder.copiedBytes()).isEqualTo(5 * MIB);
        }
    }

    @Test
    void allocatesWholeWhatComesByHalfAtOnce() {
        try (Meter meter = new Meter()) {
            byte[] message = message(5 * MIB, 7);
            meter.send(Arrays.copyOf(message, 3 * MIB));
            assertThat(meter.allocator.usedBytes()).isBetween(5L * MIB, 5L * MIB + SLACK);

            meter.send(Arrays.copyOfRange(message, 3 * MIB, message.length));
            assertThat(meter.probe.decoder.copiedBytes()).isEqualTo(5 * MIB);
        }
    }

    @Test
    void tellsHowMuchHasComeOfWhatIsCutOff() {
        try (Meter meter = new Meter()) {
            meter.sendInChunks(Arrays.copyOf(message(5 * MIB, 7), MIB));
            meter.probe.halfClose();

            assertThat(meter.probe.error()).hasMessage("message: 1048576 bytes (expected: a whole message)");
        }
    }

    @Test
    void handsOnWhatHasComeWhenRemoved() {
        byte[] message = message(5 * MIB, 7);
        try (Meter meter = new Meter()) {
            meter.sendInChunks(Arrays.copyOf(message, MIB));
            meter.probe.channel.pipeline().remove(meter.probe.decoder);

            assertThat(meter.probe.others).hasSize(1);
            assertThat(ByteBufUtil.getBytes((ByteBuf) meter.probe.others.get(0)))
                    .isEqualTo(Arrays.copyOf(message, MIB));
        }
    }

    @Test
    void copiesOnceWhatTheRuleCovers() {
        try (Meter meter = new Meter()) {
            meter.sendInChunks(message(3 * MIB, 1));
            long before = meter.probe.decoder.copiedBytes();
            meter.sendInChunks(message(6 * MIB, 2));

            assertThat(meter.probe.decoder.copiedBytes() - before).isEqualTo(6 * MIB);
        }
    }

    @Test
    void growsMetadataAsBytesArrive() {
        byte[] claim = prefix(16 * MIB);
        try (Meter meter = new Meter(false)) {
            meter.send(claim);
            assertThat(meter.allocator.usedBytes()).isLessThanOrEqualTo(SLACK);
            long received = claim.length;
            for (int i = 0; i < 1500; i++, received += CHUNK) {
                meter.send(new byte[CHUNK]);
                assertThat(meter.allocator.usedBytes()).isLessThanOrEqualTo(2 * received + SLACK + 2 * CHUNK);
            }
            meter.probe.halfClose();
            assertThat(meter.probe.error().code()).isEqualTo(IpcErrorCode.TRUNCATED);
            assertThat(meter.allocator.usedBytes()).isZero();
        }
    }

    private static byte[] prefix(int metadataBytes) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(-1)
                .putInt(metadataBytes)
                .array();
    }

    /** Returns a batch of 8-bit integers. */
    static byte[] message(int bodyBytes, long seed) {
        byte[] values = new byte[bodyBytes];
        new Random(seed).nextBytes(values);
        return new BatchBytes(bodyBytes)
                .node(bodyBytes, 0)
                .buffer(new byte[0])
                .buffer(values)
                .message();
    }

    /** Returns the length of the metadata of such a batch. */
    static int metadataBytes() {
        return message(8, 0).length - 8 - 8;
    }

    private static byte[] head(int bodyBytes) {
        byte[] message = message(bodyBytes, 0);
        return Arrays.copyOf(message, message.length - bodyBytes);
    }

    /** A decoder in front of which only its own buffers are counted. */
    private static final class Meter implements AutoCloseable {
        final CountingAllocator allocator = new CountingAllocator();
        final DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE);

        Meter() {
            this(true);
        }

        Meter(boolean hasSchema) {
            probe.channel.config().setAllocator(allocator);
            if (hasSchema) {
                send(StructureProbe.schema(StructureProbe.field(IpcType.of(IpcTypeId.INT, 8, 1))));
            }
        }

        void send(byte[] bytes) {
            probe.channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        }

        void sendInChunks(byte[] bytes) {
            for (int from = 0; from < bytes.length; from += CHUNK) {
                send(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + CHUNK)));
            }
        }

        @Override
        public void close() {
            probe.halfClose();
            probe.errors.clear();
            probe.close();
            assertThat(allocator.usedBytes()).isZero();
        }
    }
}
