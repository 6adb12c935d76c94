package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.encoded;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class IpcBatchMetadataTest {
    private static final byte[] VIEWS = schema(field(IpcType.of(IpcTypeId.UTF8_VIEW)));

    @Test
    void saysWhatNodesAndBuffersAre() {
        byte[] batch = new BatchBytes(3)
                .node(3, 1)
                .node(3, 0)
                .range(8, 16)
                .range(0, 1)
                .variadic(2, 5)
                .body(24)
                .message();
        try (DecoderProbe probe = new DecoderProbe().feed(VIEWS, batch)) {
            IpcBatchMetadata metadata = probe.message(1, IpcRecordBatch.class).batchMetadata();

            assertThat(metadata.rowCount()).isEqualTo(3);
            assertThat(metadata.nodeCount()).isEqualTo(2);
            assertThat(metadata.length(1)).isEqualTo(3);
            assertThat(metadata.nullCount(0)).isEqualTo(1);
            assertThat(metadata.nullCount(1)).isZero();
            assertThat(metadata.bufferCount()).isEqualTo(2);
            assertThat(metadata.bufferOffset(0)).isEqualTo(8);
            assertThat(metadata.bufferBytes(0)).isEqualTo(16);
            assertThat(metadata.bufferOffset(1)).isZero();
            assertThat(metadata.bufferBytes(1)).isEqualTo(1);
            assertThat(metadata.variadicCount(0)).isEqualTo(2);
            assertThat(metadata.variadicCount(1)).isEqualTo(5);
            assertThat(metadata.compression()).isNull();
            assertThat(metadata.hasValidityOfUnions()).isFalse();
        }
    }

    @Test
    void refusesWhatIsNotThere() {
        byte[] batch = new BatchBytes(0).node(0, 0).buffers(0).message();
        try (DecoderProbe probe = new DecoderProbe().feed(VIEWS, batch)) {
            IpcBatchMetadata metadata = probe.message(1, IpcRecordBatch.class).batchMetadata();

            assertThatThrownBy(() -> metadata.length(1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> metadata.nullCount(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> metadata.bufferOffset(1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> metadata.bufferBytes(1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> metadata.variadicCount(0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void saysHowBuffersAreCompressed() {
        byte[] lz4 = new BatchBytes(0).node(0, 0).compressed(0, 0).message();
        byte[] zstd = new BatchBytes(0).node(0, 0).compressed(1, 0).message();
        byte[] unknown = new BatchBytes(0).node(0, 0).compressed(2, 0).message();
        try (DecoderProbe probe = new DecoderProbe().feed(VIEWS, lz4, zstd, unknown)) {
            assertThat(probe.message(1, IpcRecordBatch.class).batchMetadata().compression())
                    .isEqualTo(IpcCompression.LZ4_FRAME);
            assertThat(probe.message(2, IpcRecordBatch.class).batchMetadata().compression())
                    .isEqualTo(IpcCompression.ZSTD);
            IpcBatchMetadata other = probe.message(3, IpcRecordBatch.class).batchMetadata();
            assertThatThrownBy(other::compression)
                    .hasMessage("compression: codec 2, method 0 (expected: codec 0 or 1, method 0)");
        }
    }

    @Test
    void saysThatOlderMetadataOfUnionsHasMoreBuffers() {
        byte[] batch = new BatchBytes(0).node(0, 0).version(BatchBytes.V4).message();
        byte[] union = schema(field(IpcType.of(IpcTypeId.UNION, 0)));
        try (DecoderProbe probe = new DecoderProbe().feed(union, batch)) {
            assertThat(probe.message(1, IpcRecordBatch.class).batchMetadata().hasValidityOfUnions())
                    .isTrue();
        }
    }

    @Test
    void readsTheBatchInsideOfADictionary() {
        byte[] dictionary = new BatchBytes(2).node(2, 0).buffers(0, 12, 3).dictionary(7);
        try (DecoderProbe probe = new DecoderProbe().feed(schema(encoded(7, IpcType.UTF8)), dictionary)) {
            IpcBatchMetadata metadata =
                    probe.message(1, IpcDictionaryBatch.class).batchMetadata();

            assertThat(metadata.rowCount()).isEqualTo(2);
            assertThat(metadata.bufferBytes(1)).isEqualTo(12);
        }
    }

    @Test
    void holdsMessagesFromElsewhereAgainstASchema() {
        byte[] schema = schema(encoded(7, IpcType.UTF8));
        byte[] batch = new BatchBytes(2).node(2, 0).buffers(0, 2).message();
        byte[] shortBatch = new BatchBytes(2).node(2, 0).buffers(0, 1).message();
        byte[] dictionary = new BatchBytes(2).node(2, 0).buffers(0, 12, 3).dictionary(7);
        byte[] shortDictionary = new BatchBytes(2).node(2, 0).buffers(0, 11, 3).dictionary(7);
        try (DecoderProbe probe = new DecoderProbe().feed(schema, batch, shortBatch, dictionary, shortDictionary)) {
            IpcBatchVerifier verifier =
                    new IpcBatchVerifier(probe.message(0, IpcSchema.class).fields(), IpcLimits.DEFAULTS);

            verifier.verify(probe.message(1, IpcRecordBatch.class));
            verifier.verify(probe.message(3, IpcDictionaryBatch.class));
            assertThatThrownBy(() -> verifier.verify(probe.message(2, IpcRecordBatch.class)))
                    .hasMessage("bytes of buffer 1: 1 (expected: >= 2)");
            assertThatThrownBy(() -> verifier.verify(probe.message(4, IpcDictionaryBatch.class)))
                    .hasMessage("bytes of buffer 1: 11 (expected: >= 12)");
        }
    }

    @Test
    void refusesDictionaryOfAnotherStream() {
        byte[] dictionary = new BatchBytes(2).node(2, 0).buffers(0, 12, 3).dictionary(7);
        try (DecoderProbe probe = new DecoderProbe().feed(schema(encoded(7, IpcType.UTF8)), dictionary);
                DecoderProbe other = new DecoderProbe().feed(schema(encoded(8, IpcType.UTF8)))) {
            IpcBatchVerifier verifier =
                    new IpcBatchVerifier(other.message(0, IpcSchema.class).fields(), IpcLimits.DEFAULTS);

            assertThatThrownBy(() -> verifier.verify(probe.message(1, IpcDictionaryBatch.class)))
                    .isInstanceOf(IpcException.class)
                    .hasMessage("dictionary id: 7 (expected: an id in the schema)");
        }
    }
}
