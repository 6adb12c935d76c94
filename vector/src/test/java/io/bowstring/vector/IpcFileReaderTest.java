package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcFileFooter;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakDetection.class)
class IpcFileReaderTest {
    @TempDir
    private Path folder;

    static List<Path> goldenFiles() {
        return GoldenStreams.littleEndianFiles();
    }

    private static IpcRecordBatch numbers(long... numbers) {
        return new BatchMaker().node(numbers.length, 0).bytes().longs(numbers).recordBatch(numbers.length);
    }

    /** Returns a file of two batches. */
    private byte[] file() throws IOException {
        Path path = folder.resolve("good");
        WrittenFile.write(
                path,
                List.of(BatchReaderTest.schema(IpcField.of("n", true, IpcType.INT64)), numbers(1, 2), numbers(3)));
        return Files.readAllBytes(path);
    }

    private Path path(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("data"), bytes);
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void readsWhatTheStreamHas(Path file) throws IOException {
        Path stream = Path.of(file.toString().replace(".arrow_file", ".stream"));
        List<Long> expected = new ArrayList<>();
        for (IpcMessage message : Messages.of(GoldenStreams.read(stream))) {
            addRows(message, expected);
        }
        GoldenStreams.read(file);
        List<Long> rows = new ArrayList<>();
        for (IpcMessage message : WrittenFile.read(file)) {
            addRows(message, rows);
        }

        assertThat(rows).isEqualTo(expected);
    }

    private static void addRows(IpcMessage message, List<Long> rows) {
        if (message instanceof IpcRecordBatch batch) {
            rows.add(batch.rowCount());
        }
        message.release();
    }

    @Test
    void isASourceOfAnArrowReader() throws IOException {
        try (BufferAllocator allocator = new RootAllocator();
                IpcFileReader file = IpcFileReader.open(path(file()));
                MessageArrowReader reader = new MessageArrowReader(file, allocator)) {
            List<String> batches = new ArrayList<>();
            while (reader.loadNextBatch()) {
                batches.addAll(Values.columns(reader.getVectorSchemaRoot(), reader));
            }
            assertThat(batches).containsExactly("n [1, 2]", "n [3]");
        }
    }

    @Test
    void tellsFilesFromStreams() throws IOException {
        for (byte[] bytes : List.of(file(), new byte[8], new byte[2])) {
            try (FileChannel channel = FileChannel.open(path(bytes))) {
                assertThat(IpcFileReader.hasMagic(channel)).isEqualTo(bytes.length > 8);
                assertThat(channel.position()).isZero();
                assertThat(IpcFileReader.hasMagic(ByteBuffer.wrap(bytes))).isEqualTo(bytes.length > 8);
            }
        }
    }

    @Test
    void releasesWhatWasNotTaken() throws IOException {
        IpcFileReader file = IpcFileReader.open(path(file()));
        file.close();
        file.close();

        assertThatThrownBy(file::next).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesFilesThatAreCutOff() throws IOException {
        byte[] whole = file();
        for (int length = 0; length < whole.length; length++) {
            Path path = path(Arrays.copyOf(whole, length));

            assertThatThrownBy(() -> WrittenFile.read(path))
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.TRUNCATED));
        }
    }

    @Test
    void refusesFootersThatAreNotInTheFile() throws IOException {
        for (int bytes : new int[] {0, -1, Integer.MAX_VALUE, 10_000}) {
            assertRefused(file -> file.putInt(file.capacity() - 10, bytes), "footer bytes: " + bytes);
        }
    }

    @Test
    void refusesBlocksThatAreNotInTheFile() throws IOException {
        IpcFileFooter.Block block = lastBlock();
        int at = lastBlockIndex();
        assertRefused(file -> file.putLong(at, Long.MAX_VALUE), "block: Block[offset=9223372036854775807");
        assertRefused(file -> file.putLong(at, 1 << 20), "block: Block[offset=1048576");
        assertRefused(file -> file.putLong(at + 16, Long.MAX_VALUE), "block: Block[");
        assertRefused(file -> file.putLong(at + 16, 1 << 20), "(expected: inside the file, less than 2 GiB)");
        assertRefused(file -> file.putLong(at + 16, 0).putInt(at + 8, 0), "(expected: inside the file");
        assertRefused(file -> file.putLong(at + 16, -1), "(expected: no negative number)");
        assertRefused(file -> file.putLong(at + 16, block.bodyBytes() - 1), "exactly one message, a RECORD_BATCH");
        assertRefused(file -> file.putLong(at + 16, block.bodyBytes() + 8), "exactly one message, a RECORD_BATCH");
    }

    /** Blocks of a batch among those of dictionaries, and of the end of the stream. */
    @Test
    void refusesMessagesOfAnotherKind() throws IOException {
        IpcFileFooter.Block block = lastBlock();
        long end = block.offset() + block.headBytes() + block.bodyBytes();
        int at = lastBlockIndex();

        assertRefused(
                file -> file.putLong(at, end).putInt(at + 8, 8).putLong(at + 16, 0),
                "block: Block[offset=" + end + ", headBytes=8, bodyBytes=0] (expected: exactly one message, a"
                        + " RECORD_BATCH)");
    }

    private IpcFileFooter.Block lastBlock() throws IOException {
        byte[] file = file();
        ByteBuf bytes = Unpooled.wrappedBuffer(file);
        int footerBytes = bytes.getIntLE(file.length - 10);
        List<IpcFileFooter.Block> blocks = IpcFileFooter.read(bytes.slice(file.length - 10 - footerBytes, footerBytes))
                .recordBatches();
        return blocks.get(blocks.size() - 1);
    }

    /** Returns where the last block is written: the vectors of blocks are the first after the tables. */
    private int lastBlockIndex() throws IOException {
        byte[] file = file();
        int footer = file.length - 10 - Unpooled.wrappedBuffer(file).getIntLE(file.length - 10);
        return footer + 36 + 4 + 4 + 4 + 24;
    }

    private void assertRefused(Consumer<ByteBuffer> change, String message) throws IOException {
        byte[] file = file();
        change.accept(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        Path path = path(file);

        assertThatThrownBy(() -> WrittenFile.read(path))
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED))
                .hasMessageContaining(message);
    }

    @Test
    void refusesBlocksAboveTheLimitsBeforeTheyAreRead() throws IOException {
        assertTooLarge(IpcLimits.UNLIMITED.toBuilder().maxBodyBytes(8).build(), "bytes of a block: 9 (expected: <= 8");
        assertTooLarge(
                IpcLimits.UNLIMITED.toBuilder().maxMetadataBytes(8).build(), "(expected: <= 8, maxMetadataBytes)");
    }

    private void assertTooLarge(IpcLimits limits, String message) throws IOException {
        try (IpcFileReader file = new IpcFileReader(FileChannel.open(path(file())), limits, ByteBufAllocator.DEFAULT)) {
            file.next().release();
            assertThatThrownBy(file::next)
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.TOO_LARGE))
                    .hasMessageContaining(message);
        }
    }

    @Test
    void readsOrRefusesWhateverIsInAFile() throws IOException {
        byte[] good = file();
        Random random = new Random(11);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                WrittenFile.read(path(bytes)).forEach(IpcMessage::release);
            } catch (IpcException e) {
                assertThat(e.code()).isNotNull();
            }
        }
    }
}
