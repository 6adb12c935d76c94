package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.schema;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batch with the metadata of the one before is not checked again; every other one is. */
@ExtendWith(LeakDetection.class)
class RepeatedMetadataTest {
    private static final byte[] INT64S = schema(field(IpcType.INT64));
    private static final byte[] GOOD = batch(2, 16);
    private static final byte[] TOO_SHORT = batch(2, 8);
    private static final byte[] END = Wire.bytes("FF FF FF FF 00 00 00 00");

    /** A batch of a column of 64-bit integers. */
    private static byte[] batch(int rows, int bytes) {
        return new BatchBytes(rows).node(rows, 0).buffers(0, bytes).message();
    }

    @Test
    void checksBatchesBetweenRepeatedOnes() {
        assertAccepted(INT64S, GOOD, GOOD, batch(1, 8), GOOD, batch(0, 0), GOOD);
        assertRefusedLast(INT64S, GOOD, GOOD, TOO_SHORT);
        assertRefusedLast(INT64S, GOOD, batch(1, 8), GOOD, TOO_SHORT);
    }

    @Test
    void remembersNothingFromOneStreamToTheNext() {
        byte[] decimals = schema(field(IpcType.of(IpcTypeId.DECIMAL, 10, 0, 128)));

        assertRefusedLast(INT64S, GOOD, END, decimals, GOOD);
    }

    @Test
    void looksIntoEveryCompressedBody() {
        byte[] first = new BatchBytes(1)
                .compressed(1, 0)
                .node(1, 0)
                .buffer(new byte[0])
                .buffer(Wire.bytes("08 00 00 00 00 00 00 00 00 00 00 00"))
                .message();
        byte[] second = first.clone();
        second[second.length - 16] = 7; // what it decompresses to

        assertAccepted(INT64S, first, first);
        assertRefusedLast(INT64S, first, second);
    }

    private static void assertRefusedLast(byte[]... messages) {
        try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE).feed(messages)) {
            assertThat(probe.error().code()).isEqualTo(IpcErrorCode.MALFORMED);
            assertThat(probe.messages).hasSize(messages.length - 1);
        }
    }
}
