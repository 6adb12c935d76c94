package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakDetection.class)
class MessageInputTest {
    @TempDir
    private Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("data"), bytes);
    }

    /** Returns the rows of each record batch. */
    private static List<Long> read(Path path) {
        List<Long> rows = new ArrayList<>();
        try (MessageInput source = MessageInput.open(path)) {
            for (IpcMessage message = source.next(); message != null; message = source.next()) {
                if (message instanceof IpcRecordBatch batch) {
                    rows.add(batch.rowCount());
                }
                message.release();
            }
            assertThat(source.next()).isNull();
        }
        return rows;
    }

    @Test
    void closesItsFile() throws IOException {
        Path path = file(GoldenStreams.read(GoldenStreams.littleEndianFiles().get(0)));
        FileChannel file = FileChannel.open(path);
        new FileSource("file", file).close();
        assertThat(file.isOpen()).isFalse();
    }

    static Stream<Path> goldenFiles() {
        return GoldenStreams.littleEndianFiles().stream();
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void readsTheSameFromFileAndStream(Path file) {
        GoldenStreams.read(file);
        Path stream = Path.of(file.toString().replace(".arrow_file", ".stream"));

        assertThat(read(file)).isEqualTo(read(stream));
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void refusesFileThatIsCutOff(Path golden) throws IOException {
        byte[] bytes = GoldenStreams.read(golden);
        for (int length : List.of(bytes.length - 1, bytes.length / 2, 20, 10, 6)) {
            Path file = file(Arrays.copyOf(bytes, length));

            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(CommandException.class)
                    .hasMessageStartingWith(file + ": ");
        }
    }

    /** As polars and apache-arrow in JavaScript write it: what they have in front of the messages is no schema message. */
    @ParameterizedTest
    @MethodSource("goldenFiles")
    void readsFileWhoseSchemaStandsInTheFooterAlone(Path golden) throws IOException {
        byte[] bytes = GoldenStreams.read(golden);
        List<Long> rows = read(golden);
        int headBytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
        Arrays.fill(bytes, 8, 16 + headBytes, (byte) 0);

        assertThat(read(file(bytes))).isEqualTo(rows);
    }

    @Test
    void refusesFeatherOfTheFirstVersion() throws IOException {
        Path file = file("FEA1 and so on FEA1".getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(CommandException.class)
                .hasMessage(file + ": is Feather version 1, which is not Arrow's format"
                        + " (expected: Feather version 2 or an Arrow stream)");
    }

    @Test
    void refusesBigEndianFile() {
        Path file = GoldenStreams.bigEndian().get(0);
        GoldenStreams.read(file);

        assertThatThrownBy(() -> read(Path.of(file.toString().replace(".stream", ".arrow_file"))))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("endianness: 1");
    }

    @Test
    void refusesFileWhoseFooterLengthIsWrong() throws IOException {
        Path golden = GoldenStreams.littleEndianFiles().get(0);
        byte[] bytes = GoldenStreams.read(golden);
        for (int high : List.of(0x7F, 0xFF)) {
            bytes[bytes.length - 7] = (byte) high;
            Path file = file(bytes);

            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("footer bytes: ");
        }
    }

    @Test
    void readsStream() throws IOException {
        Path file = file(Streams.of(Streams.schema("n"), Streams.batch(1, 2), Streams.batch(3)));

        assertThat(read(file)).containsExactly(2L, 1L);
    }

    @Test
    void acceptsStreamWithoutEnd() throws IOException {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1, 2));

        assertThat(read(file(Arrays.copyOf(stream, stream.length - Streams.END_BYTES))))
                .containsExactly(2L);
    }

    @Test
    void refusesStreamThatEndsInsideMessage() throws IOException {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1, 2));
        int whole = stream.length - Streams.END_BYTES;
        for (int length = whole - 1; length > whole - 100; length--) {
            Path file = file(Arrays.copyOf(stream, length));

            assertThatThrownBy(() -> read(file)).hasMessage(file + ": ends inside a message");
        }
    }

    @Test
    void refusesMoreThanOneStream() throws IOException {
        byte[] two = Streams.of(Streams.schema("n"), IpcEndOfStream.INSTANCE, Streams.schema("n"), Streams.batch(1));

        assertThatThrownBy(() -> read(file(two))).hasMessageContaining("more after the end of the stream");
    }

    @Test
    void refusesAnyByteBehindTheEnd() throws IOException {
        byte[] one = Streams.of(Streams.schema("n"), Streams.batch(1));
        for (String behind : List.of("\0", "eight by", "\u007f more than eight bytes")) {
            byte[] bytes = Arrays.copyOf(one, one.length + behind.length());
            System.arraycopy(behind.getBytes(StandardCharsets.US_ASCII), 0, bytes, one.length, behind.length());

            assertThatThrownBy(() -> read(file(bytes))).hasMessageContaining("more after the end of the stream");
        }
    }

    @Test
    void refusesStreamThatComesLater() {
        byte[] one = Streams.of(Streams.schema("n"), Streams.batch(1));
        InputStream two = new SequenceInputStream(new ByteArrayInputStream(one), new ByteArrayInputStream(one));
        try (StreamSource source = new StreamSource("pipe", Channels.newChannel(two))) {
            source.next().release();

            assertThatThrownBy(source::next)
                    .hasMessage("pipe: there is more after the end of the stream (expected: one stream)");
        }
    }

    @Test
    void refusesWhatIsNotArrow() throws IOException {
        assertThatThrownBy(() -> read(file("id,name\n1,x\n".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(CommandException.class)
                .hasMessageEndingWith(
                        ": is no Arrow stream or file (expected: one, or --input-format csv, tsv or json)");
        assertThatThrownBy(() -> read(file(new byte[] {(byte) 0xA8, 0, 0, 0, 16, 0, 0, 0}))) // as before Arrow 0.15
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("continuation marker");
        assertThatThrownBy(() -> read(file(new byte[0])))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> read(folder.resolve("missing")))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void knowsArrowThatComesByteByByteAndIsTorn() {
        byte[] start = Arrays.copyOf(Streams.of(Streams.schema("n")), 20);
        InputStream bytes = new SequenceInputStream(Collections.enumeration(IntStream.range(0, start.length)
                .mapToObj(at -> oneOf(start, at))
                .toList()));

        assertThatThrownBy(() -> new StreamSource("pipe", Channels.newChannel(bytes)))
                .hasMessage("pipe: ends inside a message");
    }

    private static InputStream oneOf(byte[] bytes, int at) {
        return new ByteArrayInputStream(bytes, at, 1);
    }

    @Test
    void refusesBigEndian() {
        Path stream = GoldenStreams.bigEndian().get(0);
        GoldenStreams.read(stream);

        assertThatThrownBy(() -> read(stream)).hasMessageContaining("endianness: 1");
    }

    @Test
    void closesInTheMiddle() throws IOException {
        Path file = file(Streams.of(Streams.schema("n"), Streams.batch(1, 2), Streams.batch(3)));
        try (MessageInput source = MessageInput.open(file)) {
            IpcMessage first = source.next();
            assertThat(first.kind()).isEqualTo(IpcKind.RECORD_BATCH);
            first.release();
        }
    }
}
