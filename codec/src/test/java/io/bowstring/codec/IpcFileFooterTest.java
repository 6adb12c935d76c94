package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakDetection.class)
class IpcFileFooterTest {
    private static final int TRAILER_BYTES = 10;

    static final byte[] FOOTER = Wire.bytes("""
            10 00 00 00              //  0 root: Footer at 0 + 16
            0C 00 0C 00              //  4 vtable of Footer: 12 bytes, of a table of 12 bytes
            00 00 00 00 04 00 08 00  //  8   version and schema left out, dictionaries at 4, recordBatches at 8
            0C 00 00 00              // 16 Footer: its vtable at 16 - 12
            08 00 00 00              // 20   dictionaries: vector at 20 + 8
            24 00 00 00              // 24   recordBatches: vector at 24 + 36
            01 00 00 00              // 28 vector: 1 Block
            08 00 00 00 00 00 00 00  // 32   offset: 8
            88 00 00 00 00 00 00 00  // 40   metaDataLength: 136; padding
            10 00 00 00 00 00 00 00  // 48   bodyLength: 16
            00 00 00 00              // 56 padding
            01 00 00 00              // 60 vector: 1 Block
            A0 00 00 00 00 00 00 00  // 64   offset: 160
            90 00 00 00 00 00 00 00  // 72   metaDataLength: 144; padding
            18 00 00 00 01 00 00 00  // 80   bodyLength: 4294967320
            """);

    @Test
    void readsBlocks() {
        IpcFileFooter footer = IpcFileFooter.read(Unpooled.wrappedBuffer(FOOTER));

        assertThat(footer.dictionaries()).containsExactly(new IpcFileFooter.Block(8, 136, 16));
        assertThat(footer.recordBatches()).containsExactly(new IpcFileFooter.Block(160, 144, 4294967320L));
    }

    @Test
    void readsFromTheReaderIndexAndLeavesItThere() {
        ByteBuf bytes = Unpooled.wrappedBuffer(Wire.concat(new byte[3], FOOTER)).skipBytes(3);

        assertThat(IpcFileFooter.read(bytes).dictionaries()).hasSize(1);
        assertThat(bytes.readerIndex()).isEqualTo(3);
    }

    @Test
    void hasNoBlocksWhereTheVectorsAreLeftOut() {
        IpcFileFooter footer = IpcFileFooter.read(Unpooled.wrappedBuffer(Wire.with(FOOTER, 12, "00 00 00 00")));

        assertThat(footer.dictionaries()).isEmpty();
        assertThat(footer.recordBatches()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "39, offset=-9223372036854775800",
        "43, headBytes=-2147483512",
        "55, bodyBytes=-9223372036854775792",
    })
    void refusesNegativeNumbers(int index, String number) {
        assertThatThrownBy(() -> IpcFileFooter.read(Unpooled.wrappedBuffer(Wire.with(FOOTER, index, "80"))))
                .isInstanceOf(IpcException.class)
                .hasMessageMatching("block: Block\\[.*\\Q" + number + "\\E.*] \\(expected: no negative number\\)");
    }

    @Test
    void refusesEveryTruncation() {
        for (int bytes = 0; bytes < FOOTER.length; bytes++) {
            ByteBuf truncated = Unpooled.wrappedBuffer(FOOTER, 0, bytes);
            assertThatThrownBy(() -> IpcFileFooter.read(truncated))
                    .isInstanceOf(IpcException.class)
                    .extracting(e -> ((IpcException) e).code())
                    .isEqualTo(IpcErrorCode.MALFORMED);
        }
    }

    @Test
    void refusesVectorThatReachesBeyond() {
        assertThatThrownBy(() -> IpcFileFooter.read(Unpooled.wrappedBuffer(Wire.with(FOOTER, 60, "02"))))
                .hasMessage("vector count: 2 (expected: a vector inside the metadata)");
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndianFiles")
    void readsTheSchemaOfGoldenFile(Path path) {
        ByteBuf file = Unpooled.wrappedBuffer(GoldenStreams.read(path));
        byte[] copyInFront = ByteBufUtil.getBytes(file, 8, 8 + file.getIntLE(12));

        IpcSchema schema = IpcFileFooter.readSchema(footer(file), ByteBufAllocator.DEFAULT);
        try (DecoderProbe probe = new DecoderProbe().feed(copyInFront)) {
            IpcSchema expected = (IpcSchema) probe.messages.get(0);
            assertThat(schema.fields()).isEqualTo(expected.fields());
            assertThat(schema.schemaMetadata()).isEqualTo(expected.schemaMetadata());
            assertThat(schema.fieldMetadata()).isEqualTo(expected.fieldMetadata());
            assertThat(schema.dictionaryIds()).isEqualTo(expected.dictionaryIds());
        } finally {
            schema.release();
        }
    }

    @Test
    void refusesFooterWithoutSchema() {
        assertThatThrownBy(() -> IpcFileFooter.readSchema(Unpooled.wrappedBuffer(FOOTER), ByteBufAllocator.DEFAULT))
                .isInstanceOf(IpcException.class)
                .hasMessage("schema of the footer: absent (expected: a table)");
    }

    /** The footer is a stranger's: each byte of it may be anything. */
    @Test
    void readsOrRefusesEveryChangedByte() {
        Path path = GoldenStreams.littleEndianFiles().get(0);
        ByteBuf footer = footer(Unpooled.wrappedBuffer(GoldenStreams.read(path)));
        for (int i = 0; i < footer.readableBytes(); i++) {
            for (int change : new int[] {0x01, 0x80, 0xFF}) {
                ByteBuf changed = Unpooled.copiedBuffer(footer);
                changed.setByte(i, changed.getByte(i) ^ change);
                try {
                    IpcFileFooter.read(changed);
                    IpcFileFooter.readSchema(changed, ByteBufAllocator.DEFAULT).release();
                } catch (IpcException e) {
                    assertThat(e.getMessage()).isNotEmpty();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndianFiles")
    void findsTheMessagesOfGoldenFile(Path path) {
        byte[] stream = GoldenStreams.read(
                path.resolveSibling(path.getFileName().toString().replace(".arrow_file", ".stream")));
        ByteBuf file = Unpooled.wrappedBuffer(GoldenStreams.read(path));
        IpcFileFooter footer = IpcFileFooter.read(footer(file));

        try (DecoderProbe probe = new DecoderProbe().feed(stream)) {
            List<byte[]> dictionaries = new ArrayList<>();
            List<byte[]> batches = new ArrayList<>();
            for (IpcMessage message : probe.messages) {
                switch (message.kind()) {
                    case DICTIONARY_BATCH -> dictionaries.add(ByteBufUtil.getBytes(message.frame()));
                    case RECORD_BATCH -> batches.add(ByteBufUtil.getBytes(message.frame()));
                    case SCHEMA, END_OF_STREAM -> {}
                }
            }
            assertThat(frames(file, footer.dictionaries())).isDeepEqualTo(dictionaries.toArray(byte[][]::new));
            assertThat(frames(file, footer.recordBatches())).isDeepEqualTo(batches.toArray(byte[][]::new));
        }
    }

    private static ByteBuf footer(ByteBuf file) {
        int end = file.readableBytes() - TRAILER_BYTES;
        assertThat(file.toString(end + 4, 6, StandardCharsets.US_ASCII)).isEqualTo("ARROW1");
        int bytes = file.getIntLE(end);
        return file.slice(end - bytes, bytes);
    }

    private static byte[][] frames(ByteBuf file, List<IpcFileFooter.Block> blocks) {
        return blocks.stream()
                .map(block ->
                        ByteBufUtil.getBytes(file, (int) block.offset(), block.headBytes() + (int) block.bodyBytes()))
                .toArray(byte[][]::new);
    }
}
