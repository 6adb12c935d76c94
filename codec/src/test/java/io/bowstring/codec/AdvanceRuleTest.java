package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

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
    void allocatesOneMebibyteForTheHeadOfAnyBody() {
        try (Meter meter = new Meter()) {
            meter.send(head(64 * MIB));

            assertThat(meter.allocator.usedBytes()).isBetween((long) MIB, (long) MIB + SLACK);
        }
    }

    @Test
    void allocatesWhatTheConnectionHasEarned() {
        try (Meter meter = new Meter()) {
            meter.send(message(3 * MIB, 1));
            assertThat(meter.probe.messages).hasSize(2);
            meter.probe.take().forEach(IpcMessage::release);
            meter.send(head(64 * MIB));

            assertThat(meter.allocator.usedBytes()).isBetween(4L * MIB, 6L * MIB + SLACK);
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
            // once into the buffer, and less than once more while it grows
            assertThat(meter.probe.decoder.copiedBytes()).isBetween((long) bodyBytes, 2L * bodyBytes);
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
