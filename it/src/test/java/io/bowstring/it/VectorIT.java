package io.bowstring.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcCompression;
import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.BatchWriterConfig;
import io.bowstring.vector.IpcFileWriter;
import io.bowstring.vector.NettyAllocationFactory;
import io.bowstring.vector.StreamImage;
import io.bowstring.vector.StreamView;
import io.bowstring.vector.VectorBatch;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** From pyarrow to vectors and back, and from process to process through memory. */
class VectorIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    /** arrow-java finds the children of a struct by name. */
    private static final Set<String> NOT_READABLE =
            Set.of("1.0.0-littleendian.generated_duplicate_fieldnames.stream.arrows");

    private static final List<BatchWriterConfig> CONFIGS = List.of(
            BatchWriterConfig.DEFAULTS,
            BatchWriterConfig.DEFAULTS.withZeroedNulls(true).withDeltas(false),
            BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.ZSTD),
            BatchWriterConfig.DEFAULTS.withCompression(IpcCompression.LZ4_FRAME));

    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    private final BufferAllocator allocator =
            new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);

    @AfterEach
    void close() {
        allocator.close();
    }

    private static String python(String command, Path path) throws IOException {
        List<String> line = List.of(PYTHON.interpreter(), "vectors.py", command, path.toString());
        Map<String, String> environment = Map.of("PYTHONDONTWRITEBYTECODE", "1", "BOWSTRING_PORT", "0");
        try (ClientProcess process = ClientProcess.start(Project.inModule("src/test/python"), environment, line)) {
            return process.await(TIMEOUT).strip();
        }
    }

    @Test
    void pyarrowReadsWhatItHasWrittenOnceMore(@TempDir Path folder) throws IOException {
        python("write", folder);

        int written = rewriteAll(folder);

        assertThat(written).isGreaterThan(15 * CONFIGS.size());
        assertThat(python("compare", folder)).isEqualTo(String.valueOf(written));
    }

    @Test
    void pyarrowReadsGoldenStreamsOnceMore(@TempDir Path folder) throws IOException {
        for (Path golden : GoldenStreams.readable()) {
            String name = golden.getParent().getFileName() + "." + golden.getFileName() + ".arrows";
            Files.write(folder.resolve(name), GoldenStreams.read(golden));
        }

        int written = rewriteAll(folder);

        assertThat(written).isGreaterThan(30 * CONFIGS.size());
        assertThat(python("compare", folder)).isEqualTo(String.valueOf(written));
    }

    @Test
    void pyarrowReadsFilesOfItsStreams(@TempDir Path folder) throws IOException {
        python("write", folder);
        List<Path> streams;
        try (Stream<Path> files = Files.list(folder)) {
            streams = files.toList();
        }
        int written = 0;
        for (Path stream : streams) {
            Path file = folder.resolve(stream.getFileName().toString().replace(".arrows", ".arrow"));
            if (isWritten(stream, file)) {
                written++;
            } else {
                Files.delete(file);
            }
        }

        assertThat(written).isGreaterThan(15);
        assertThat(python("files", folder)).isEqualTo(String.valueOf(written));
    }

    /** Writes the messages of a stream to a file, unless it replaces a dictionary. */
    private static boolean isWritten(Path stream, Path path) throws IOException {
        try (StreamView view = StreamView.map(stream);
                IpcFileWriter file = IpcFileWriter.create(path)) {
            for (IpcMessage message = view.next(); message != null; message = view.next()) {
                file.write(message);
            }
            return true;
        } catch (IpcException e) {
            assertThat(e).hasMessageContaining("a file has no replacements");
            return false;
        }
    }

    /** Reads each stream and writes it with each configuration; returns how many were written. */
    private int rewriteAll(Path folder) throws IOException {
        List<Path> streams;
        try (Stream<Path> files = Files.list(folder)) {
            streams = files.toList();
        }
        int written = 0;
        for (Path stream : streams) {
            String name = stream.getFileName().toString();
            for (int i = 0; i < CONFIGS.size(); i++) {
                try {
                    byte[] back = rewrite(Files.readAllBytes(stream), CONFIGS.get(i));
                    Files.write(folder.resolve(name.replace(".arrows", "." + i + ".back")), back);
                    written++;
                } catch (IpcException e) {
                    assertThat(e.code()).isEqualTo(IpcErrorCode.UNSUPPORTED);
                    assertThat(NOT_READABLE).contains(name);
                }
            }
        }
        return written;
    }

    private byte[] rewrite(byte[] stream, BatchWriterConfig config) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Dictionaries dictionaries = new Dictionaries();
        EmbeddedChannel channel =
                new EmbeddedChannel(new IpcDecoder(IpcDecoderConfig.DEFAULTS.withLegacyFraming(true)));
        BatchWriter writer = null;
        try (BatchReader reader = new BatchReader(allocator)) {
            channel.writeInbound(Unpooled.wrappedBuffer(stream));
            for (IpcMessage message = channel.readInbound(); message != null; message = channel.readInbound()) {
                try (VectorBatch batch = reader.read(message)) {
                    if (batch != null) {
                        dictionaries.present = batch.dictionaries();
                        if (writer == null) {
                            writer = newWriter(reader.schema(), dictionaries, config, out);
                        }
                        write(writer.consume(batch.root(), batch.customMetadata()), out);
                    }
                }
            }
            if (writer == null) {
                writer = newWriter(reader.schema(), dictionaries, config, out);
            }
            write(List.of(IpcEndOfStream.INSTANCE), out);
            return out.toByteArray();
        } finally {
            if (writer != null) {
                writer.close();
            }
            channel.finishAndReleaseAll();
        }
    }

    private static BatchWriter newWriter(
            Schema schema, DictionaryProvider dictionaries, BatchWriterConfig config, ByteArrayOutputStream out)
            throws IOException {
        BatchWriter writer = new BatchWriter(schema, dictionaries, config, PooledByteBufAllocator.DEFAULT);
        write(List.of(writer.schema()), out);
        return writer;
    }

    private static void write(List<? extends IpcMessage> messages, ByteArrayOutputStream out) throws IOException {
        for (IpcMessage message : messages) {
            message.frame().readBytes(out, message.frameBytes());
            message.release();
        }
    }

    @Test
    void pyarrowMapsWhatWasWrittenToSharedMemory() throws IOException {
        assumeTrue(Files.isDirectory(SHARED_MEMORY), "no shared memory in " + SHARED_MEMORY);
        Path path = Files.createTempFile(SHARED_MEMORY, "bowstring-it-", ".arrows");
        try (VectorSchemaRoot root = numbersAndTexts(100_000);
                StreamImage image = StreamImage.of(
                        root.getSchema(), new Dictionaries(), List.of(root, root), BatchWriterConfig.DEFAULTS);
                FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            image.writeTo(file.map(FileChannel.MapMode.READ_WRITE, 0, image.bytes()));

            assertThat(Files.size(path)).isEqualTo(image.bytes());
            long sum = 2 * (100_000L * 99_999 / 2);
            assertThat(python("map", path)).isEqualTo("200000 " + sum + " text 99999");
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void readsInPlaceWhatPyarrowHasWrittenToSharedMemory() throws IOException {
        assumeTrue(Files.isDirectory(SHARED_MEMORY), "no shared memory in " + SHARED_MEMORY);
        Path path = Files.createTempFile(SHARED_MEMORY, "bowstring-it-", ".arrows");
        boolean[] isFree = {false};
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            python("share", path);
            ByteBuffer memory = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            long start = MemoryUtil.getByteBufferAddress(memory);
            List<VectorBatch> batches = new ArrayList<>();
            try (StreamView view = StreamView.of(memory, () -> isFree[0] = true);
                    BatchReader reader = new BatchReader(allocator)) {
                for (IpcMessage message = view.next(); message != null; message = view.next()) {
                    VectorBatch batch = reader.read(message);
                    if (batch != null) {
                        batches.add(batch);
                    }
                }
                assertThat(reader.copiedBytes()).isZero();
            }
            assertThat(batches).hasSize(2);
            for (VectorBatch batch : batches) {
                BigIntVector numbers = (BigIntVector) batch.root().getVector("i");
                VarCharVector texts = (VarCharVector) batch.root().getVector("s");
                for (ArrowBuf buffer :
                        List.of(numbers.getDataBuffer(), texts.getOffsetBuffer(), texts.getDataBuffer())) {
                    assertThat(buffer.memoryAddress()).isBetween(start, start + file.size());
                }
                assertThat(numbers.get(99_999)).isEqualTo(99_999);
                assertThat(texts.getObject(99_999)).hasToString("text 99999");
                assertThat(isFree[0]).isFalse();
                batch.close();
            }
            assertThat(isFree[0]).isTrue();
        } finally {
            Files.delete(path);
        }
    }

    private VectorSchemaRoot numbersAndTexts(int rows) {
        BigIntVector numbers = new BigIntVector("i", allocator);
        VarCharVector texts = new VarCharVector("s", allocator);
        for (int i = 0; i < rows; i++) {
            numbers.setSafe(i, i);
            texts.setSafe(i, ("text " + i).getBytes(UTF_8));
        }
        VectorSchemaRoot root = VectorSchemaRoot.of(numbers, texts);
        root.setRowCount(rows);
        return root;
    }

    /** The dictionaries of whichever batch is present. */
    private static final class Dictionaries implements DictionaryProvider {
        private DictionaryProvider present = new DictionaryProvider.MapDictionaryProvider();

        @Override
        public Dictionary lookup(long id) {
            return present.lookup(id);
        }

        @Override
        public Set<Long> getDictionaryIds() {
            return present.getDictionaryIds();
        }
    }
}
