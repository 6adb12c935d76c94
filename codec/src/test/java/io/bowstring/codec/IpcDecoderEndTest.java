package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Input that ends, at every byte of a stream. */
@ExtendWith(LeakDetection.class)
class IpcDecoderEndTest {
    private static final byte[] STREAM =
            Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, Wire.BATCH_WITH_ENTRY, Wire.BATCH, Wire.END);

    /** Where messages begin and the stream ends. */
    private static final List<Integer> BOUNDARIES = List.of(
            0,
            Wire.DICTIONARY_SCHEMA.length,
            Wire.DICTIONARY_SCHEMA.length + Wire.DICTIONARY_BATCH.length,
            STREAM.length - Wire.END.length - Wire.BATCH.length,
            STREAM.length - Wire.END.length,
            STREAM.length);

    @Test
    void tellsHowMuchHasComeOfMessage() {
        for (int bytes = 0; bytes <= STREAM.length; bytes++) {
            int received = bytes;
            int start = BOUNDARIES.stream()
                    .filter(boundary -> boundary <= received)
                    .max(Integer::compare)
                    .orElseThrow();
            try (DecoderProbe probe = new DecoderProbe().feed(Arrays.copyOf(STREAM, bytes))) {
                assertThat(probe.decoder.incompleteBytes()).as("of %s", bytes).isEqualTo(bytes - start);
                assertThat(probe.decoder.isInStream())
                        .as("at %s", bytes)
                        .isEqualTo(bytes >= Wire.DICTIONARY_SCHEMA.length && bytes < STREAM.length);
                probe.halfClose();
                probe.errors.clear();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void reportsHalfCloseInsideMessage(Chunking chunking) {
        for (int bytes : withinMessages()) {
            try (DecoderProbe probe = new DecoderProbe().feed(Arrays.copyOf(STREAM, bytes), chunking)) {
                probe.halfClose();

                assertTruncated(probe, bytes);
                assertThat(probe.events).containsExactly(ChannelInputShutdownEvent.INSTANCE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void reportsCloseInsideMessage(Chunking chunking) {
        for (int bytes : withinMessages()) {
            try (DecoderProbe probe = new DecoderProbe().feed(Arrays.copyOf(STREAM, bytes), chunking)) {
                probe.channel.close();

                assertTruncated(probe, bytes);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void acceptsEndBetweenMessages(Chunking chunking) {
        for (int bytes : BOUNDARIES) {
            try (DecoderProbe probe = new DecoderProbe().feed(Arrays.copyOf(STREAM, bytes), chunking)) {
                probe.halfClose();
                probe.channel.close();

                assertThat(probe.frames()).isEqualTo(Arrays.copyOf(STREAM, bytes));
            }
        }
    }

    @Test
    void reportsTruncationOnceForHalfCloseAndClose() {
        try (DecoderProbe probe = new DecoderProbe().feed(Arrays.copyOf(STREAM, 9))) {
            probe.halfClose();
            probe.halfClose();
            probe.channel.close();

            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.TRUNCATED);
        }
    }

    @Test
    void decodesOnAfterOtherEvents() {
        try (DecoderProbe probe = new DecoderProbe().feed(Arrays.copyOf(Wire.SCHEMA, 9))) {
            probe.channel.pipeline().fireUserEventTriggered("other");
            probe.feed(Arrays.copyOfRange(Wire.SCHEMA, 9, Wire.SCHEMA.length));

            assertThat(probe.events).containsExactly("other");
            assertThat(probe.kinds()).containsExactly(IpcKind.SCHEMA);
        }
    }

    private static void assertTruncated(DecoderProbe probe, int bytes) {
        int start = BOUNDARIES.stream().filter(at -> at < bytes).reduce(0, Math::max);
        IpcException error = probe.error();
        assertThat(error.code()).isEqualTo(IpcErrorCode.TRUNCATED);
        assertThat(error).hasMessage("message: " + (bytes - start) + " bytes (expected: a whole message)");
        assertThat(probe.frames()).isEqualTo(Arrays.copyOf(STREAM, start));
    }

    private static int[] withinMessages() {
        return IntStream.range(0, STREAM.length)
                .filter(bytes -> !BOUNDARIES.contains(bytes))
                .toArray();
    }
}
