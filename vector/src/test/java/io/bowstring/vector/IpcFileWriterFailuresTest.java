package io.bowstring.vector;

import static io.bowstring.vector.IpcFileWriterTest.NUMBER;
import static io.bowstring.vector.IpcFileWriterTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Messages that a file refuses, files without an end, and channels that fail. */
@ExtendWith(LeakDetection.class)
class IpcFileWriterFailuresTest {
    @TempDir
    private Path folder;

    private static IpcDictionaryBatch dictionary(long id, boolean isDelta, long... numbers) {
        return new BatchMaker().node(numbers.length, 0).bytes().longs(numbers).dictionary(id, isDelta, numbers.length);
    }

    private static IpcSchema encoded() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(3, IpcType.INT64, false);
        return BatchReaderTest.schema(new IpcField("d", true, IpcType.INT64, encoding, List.of()));
    }

    @Test
    void refusesWhatHasNoPlaceInAFileAndContinues() throws IOException {
        Path path = folder.resolve("file");
        try (IpcFileWriter file = IpcFileWriter.create(path)) {
            assertRefused(file, numbers(1), IpcErrorCode.OUT_OF_ORDER, "message: RECORD_BATCH (expected: a schema)");
            assertRefused(
                    file,
                    IpcEndOfStream.INSTANCE,
                    IpcErrorCode.OUT_OF_ORDER,
                    "message: END_OF_STREAM (expected: a schema)");
            assertThatThrownBy(file::end).hasMessage("message: END_OF_STREAM (expected: a schema)");
            file.write(encoded());
            assertRefused(
                    file,
                    dictionary(3, true, 7),
                    IpcErrorCode.UNSUPPORTED,
                    "dictionary: 3, a delta (expected: its values once, then deltas)");
            assertRefused(file, encoded(), IpcErrorCode.OUT_OF_ORDER, "message: SCHEMA (expected: a batch)");
            assertRefused(
                    file,
                    dictionary(4, false, 1),
                    IpcErrorCode.MALFORMED,
                    "dictionary id: 4 (expected: an id in the schema)");
            file.write(dictionary(3, false, 7));
            assertRefused(
                    file,
                    dictionary(3, false, 8),
                    IpcErrorCode.UNSUPPORTED,
                    "dictionary: 3 again (expected: its values once, then deltas: a file has no replacements)");
            file.write(numbers(0));
            file.write(dictionary(3, true, 8));
            file.write(numbers(1));
            file.end();
            IpcMessage late = numbers(1);
            assertThatThrownBy(() -> file.write(late)).isInstanceOf(IllegalStateException.class);
            assertThat(late.refCnt()).isZero();
        }
        List<IpcMessage> read = WrittenFile.read(path);
        assertThat(read)
                .extracting(IpcMessage::kind)
                .containsExactly(
                        IpcKind.SCHEMA,
                        IpcKind.DICTIONARY_BATCH,
                        IpcKind.DICTIONARY_BATCH,
                        IpcKind.RECORD_BATCH,
                        IpcKind.RECORD_BATCH);
        read.forEach(IpcMessage::release);
    }

    private static void assertRefused(IpcFileWriter file, IpcMessage message, IpcErrorCode code, String text) {
        assertThatThrownBy(() -> file.write(message))
                .hasMessage(text)
                .isInstanceOfSatisfying(
                        IpcException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(message.kind() == IpcKind.END_OF_STREAM ? 0 : message.refCnt())
                .isZero();
    }

    @Test
    void isIncompleteWithoutItsEnd() throws IOException {
        Path path = folder.resolve("file");
        IpcFileWriter file = IpcFileWriter.create(path);
        file.write(BatchReaderTest.schema(NUMBER));
        file.write(numbers(1));
        file.close();
        file.close();
        assertThatThrownBy(file::end)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the file is complete or closed");

        assertThatThrownBy(() -> WrittenFile.read(path))
                .hasMessage("end of the file: other bytes (expected: ARROW1, as at the end of a complete file)");
        IpcMessage late = numbers(1);
        assertThatThrownBy(() -> file.write(late)).isInstanceOf(IllegalStateException.class);
        assertThat(late.refCnt()).isZero();
    }

    /** A disk that is full after so many bytes, and writes three at a time until then. */
    private record FullDisk(ByteArrayOutputStream bytes, int capacity) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            if (bytes.size() >= capacity) {
                throw new IOException("no space left");
            }
            int count = Math.min(3, source.remaining());
            for (int i = 0; i < count; i++) {
                bytes.write(source.get());
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void takesNoMoreAfterTheChannelHasFailed() throws IOException {
        int whole = write(Integer.MAX_VALUE);
        for (int capacity = 0; capacity < whole; capacity += 7) {
            int full = capacity;
            assertThatThrownBy(() -> write(full)).isInstanceOf(IOException.class);
        }
    }

    private static int write(int capacity) throws IOException {
        FullDisk disk = new FullDisk(new ByteArrayOutputStream(), capacity);
        try (IpcFileWriter file = new IpcFileWriter(disk)) {
            try {
                file.write(BatchReaderTest.schema(NUMBER));
                file.write(numbers(1));
                file.end();
            } catch (IOException e) {
                IpcMessage late = numbers(1);
                assertThatThrownBy(() -> file.write(late))
                        .hasMessage("the file could not be written, and is of no use");
                assertThat(late.refCnt()).isZero();
                throw e;
            }
            return disk.bytes().size();
        }
    }
}
