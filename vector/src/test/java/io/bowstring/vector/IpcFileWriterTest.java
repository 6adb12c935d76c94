package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcFileFooter;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakDetection.class)
class IpcFileWriterTest {
    static final IpcField NUMBER = IpcField.of("n", true, IpcType.INT64);

    private static final IpcField BYTE = IpcField.of("b", true, IpcType.of(IpcTypeId.INT, 8, 1));

    @TempDir
    private Path folder;

    static List<Path> goldenStreams() {
        return GoldenStreams.littleEndian();
    }

    /** Returns the messages of a stream but for its end, owned; null where a dictionary is replaced. */
    private static List<IpcMessage> messages(byte[] stream) {
        List<IpcMessage> messages = new ArrayList<>();
        Set<Long> ids = new HashSet<>();
        boolean hasReplacement = false;
        for (IpcMessage message : Messages.of(stream)) {
            if (message instanceof IpcDictionaryBatch dictionary) {
                hasReplacement |= !ids.add(dictionary.id()) && !dictionary.isDelta();
            }
            if (message.kind() != IpcKind.END_OF_STREAM) {
                messages.add(message);
            }
        }
        if (hasReplacement) {
            messages.forEach(IpcMessage::release);
            return null;
        }
        return messages;
    }

    @ParameterizedTest
    @MethodSource("goldenStreams")
    void writesWhatIsReadAgain(Path golden) throws IOException {
        List<IpcMessage> messages = messages(GoldenStreams.read(golden));
        if (messages == null) {
            return;
        }
        List<String> expected =
                messages.stream().map(IpcFileWriterTest::describe).toList();
        Path file = folder.resolve("file");

        WrittenFile.write(file, messages);

        List<IpcMessage> read = WrittenFile.read(file);
        List<String> bytes = read.stream().map(IpcFileWriterTest::describe).toList();
        read.forEach(IpcMessage::release);
        assertThat(bytes.subList(1, bytes.size()))
                .containsExactlyInAnyOrderElementsOf(expected.subList(1, expected.size()));
    }

    /** Returns what must be the same: a schema's fields, all of the others but for padding. */
    private static String describe(IpcMessage message) {
        return message instanceof IpcSchema schema
                ? schema.fields() + " " + schema.fieldMetadata() + schema.schemaMetadata()
                : ByteBufUtil.hexDump(message.metadata()) + ByteBufUtil.hexDump(message.body());
    }

    @Test
    void isReadByArrow() throws IOException {
        for (BatchWriterConfig config :
                List.of(BatchWriterConfig.DEFAULTS, BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD))) {
            Path file = folder.resolve("sample");
            WrittenStream stream = new WrittenStream();
            try (IpcFileWriter writer = IpcFileWriter.create(file)) {
                writeSample(config, writer, stream);
            }
            byte[] all = stream.end();

            assertThat(WrittenFile.readByArrow(file))
                    .isEqualTo(StockStream.read(all).batches().toString());
        }
    }

    /** Writes batches of all types and a dictionary to both. */
    private static void writeSample(BatchWriterConfig config, IpcFileWriter file, WrittenStream stream)
            throws IOException {
        try (EncodedTexts texts = new EncodedTexts();
                IntVector indices = new IntVector(
                        "d", new FieldType(true, EncodedTexts.INT32, EncodedTexts.ENCODING), texts.allocator);
                BufferAllocator allocator =
                        new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE)) {
            texts.set("a", "longer", "");
            DictionaryProvider dictionaries =
                    new DictionaryProvider.MapDictionaryProvider(new Dictionary(texts.values, EncodedTexts.ENCODING));
            List<Field> fields = new ArrayList<>(SampleVectors.FIELDS);
            fields.add(indices.getField());
            try (VectorSchemaRoot root =
                            VectorSchemaRoot.create(new Schema(fields, Map.of("made", "by a test")), allocator);
                    BatchWriter writer =
                            new BatchWriter(root.getSchema(), dictionaries, config, PooledByteBufAllocator.DEFAULT)) {
                writeBoth(List.of(writer.schema()), file, stream);
                for (int rows : new int[] {1, 0, 1000}) {
                    new SampleVectors(rows).fill(root, rows);
                    IntVector encoded = (IntVector) root.getVector("d");
                    for (int i = 0; i < rows; i++) {
                        encoded.setSafe(i, i % 3);
                    }
                    encoded.setValueCount(rows);
                    writeBoth(writer.copy(root, Map.of("rows", "" + rows)), file, stream);
                }
            }
            file.end();
        }
    }

    private static void writeBoth(List<? extends IpcMessage> messages, IpcFileWriter file, WrittenStream stream)
            throws IOException {
        for (IpcMessage message : messages) {
            stream.add(message.retain());
            file.write(message);
        }
    }

    @Test
    void beginsEachMessageAtAMultipleOfEight() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        IpcRecordBatch odd = oddBatch();
        assertThat(odd.body().readableBytes() % 8).isEqualTo(5);
        try (IpcFileWriter file = new IpcFileWriter(Channels.newChannel(bytes))) {
            file.write(BatchReaderTest.schema(IpcField.of("b", true, IpcType.of(IpcTypeId.INT, 8, 1))));
            file.write(odd.retain());
            file.write(odd);
            file.write(IpcEndOfStream.INSTANCE);
        }
        byte[] file = bytes.toByteArray();
        IpcFileFooter footer = footer(file);

        assertThat(new String(file, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("ARROW1\0\0");
        assertThat(new String(file, file.length - 6, 6, StandardCharsets.US_ASCII))
                .isEqualTo("ARROW1");
        assertThat(footer.recordBatches()).hasSize(2).allSatisfy(block -> {
            assertThat(block.offset() % 8).isZero();
            assertThat(block.headBytes() % 8).isZero();
            assertThat(block.bodyBytes()).isEqualTo(8);
            assertThat(ByteBuffer.wrap(file).getInt((int) block.offset())).isEqualTo(-1);
        });
        Path path = Files.write(folder.resolve("odd"), file);
        List<IpcMessage> read = WrittenFile.read(path);
        assertThat(read.get(2).body().readableBytes()).isEqualTo(5);
        read.forEach(IpcMessage::release);
    }

    private static IpcFileFooter footer(byte[] file) {
        ByteBuf bytes = Unpooled.wrappedBuffer(file);
        int footerBytes = bytes.getIntLE(file.length - 10);
        return IpcFileFooter.read(bytes.slice(file.length - 10 - footerBytes, footerBytes));
    }

    /** Returns a batch of five bytes whose body is not padded, as a stranger may send it; owned. */
    private static IpcRecordBatch oddBatch() {
        IpcRecordBatch padded =
                new BatchMaker().node(5, 0).bytes().bytes(1, 2, 3, 4, 5).recordBatch(5);
        byte[] frame = ByteBufUtil.getBytes(padded.frame());
        int metadataBytes = padded.metadata().readableBytes();
        padded.release();
        ByteBuffer bytes = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 8; at < 8 + metadataBytes; at += 8) { // bodyLength is the one long that is 8
            if (bytes.getLong(at) == 8) {
                bytes.putLong(at, 5);
                break;
            }
        }
        IpcSchema schema = BatchReaderTest.schema(BYTE);
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        reader.next(schema.frame()).release();
        schema.release();
        return (IpcRecordBatch) reader.next(Unpooled.wrappedBuffer(frame, 0, frame.length - 3));
    }

    static IpcRecordBatch numbers(long... numbers) {
        return new BatchMaker().node(numbers.length, 0).bytes().longs(numbers).recordBatch(numbers.length);
    }

    @Test
    void endsOnce() throws IOException {
        Path path = folder.resolve("file");
        IpcFileWriter file = IpcFileWriter.create(path);
        file.write(BatchReaderTest.schema(NUMBER));
        file.write(numbers(1));
        file.write(IpcEndOfStream.INSTANCE); // a whole stream was copied
        long bytes = Files.size(path);

        file.end();
        file.end();
        assertThat(Files.size(path)).isEqualTo(bytes);
        assertThatThrownBy(() -> file.write(IpcEndOfStream.INSTANCE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the file is complete or closed");
        file.close();
        file.end();
        List<IpcMessage> read = WrittenFile.read(path);
        assertThat(read).hasSize(2);
        read.forEach(IpcMessage::release);
    }
}
