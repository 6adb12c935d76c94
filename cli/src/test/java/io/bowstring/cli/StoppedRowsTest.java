package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.text.RowConfig;
import io.bowstring.text.TextFormat;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of an input that is ended inside a record of several lines, as Ctrl-C does it. */
@ExtendWith(LeakDetection.class)
class StoppedRowsTest {
    private static final String CSV = "n,s\n1,a\n2,b\n3,c\n4,\"d\n";
    private static final String JSON = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\n\"n\":4,\n";

    /** Ends the input, or has the end by itself, where all is read. */
    private static final class Script implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final boolean isStopped;
        private final StoppableInput input = new StoppableInput(this);

        Script(String text, boolean isStopped) {
            this.bytes = StandardCharsets.UTF_8.encode(text);
            this.isStopped = isStopped;
        }

        @Override
        public int read(ByteBuffer target) throws AsynchronousCloseException {
            if (bytes.hasRemaining()) {
                int count = Math.min(target.remaining(), bytes.remaining());
                target.put(bytes.slice().limit(count));
                bytes.position(bytes.position() + count);
                return count;
            }
            if (!isStopped) {
                return -1;
            }
            input.end();
            throw new AsynchronousCloseException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static List<Long> rows(TextFormat format, int batchRows, Script script) {
        List<Long> rows = new ArrayList<>();
        RowConfig config = new RowConfig(format, batchRows, Map.of());
        try (TextSource source = TextSource.open("standard input", script.input, config)) {
            for (IpcMessage message = source.next(); message != null; message = source.next()) {
                rows.add(((IpcRecordBatch) message).rowCount());
                message.release();
            }
            assertThat(source.next()).isNull();
        }
        return rows;
    }

    private static long count(TextFormat format, int batchRows, String text) {
        return rows(format, batchRows, new Script(text, true)).stream()
                .mapToLong(n -> n)
                .sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void takesCompleteRowsBeforeARecordThatIsCutByAStop(int batchRows) {
        assertThat(count(TextFormat.CSV, batchRows, CSV)).isEqualTo(3);
        assertThat(count(TextFormat.JSON, batchRows, JSON)).isEqualTo(3);
    }

    @Test
    void takesNoKeysOfARowThatIsCutForColumns() {
        Script script = new Script("{\"n\":1}\n{\"n\":2,\n\"other\":3,\n", true);
        RowConfig config = new RowConfig(TextFormat.JSON, 10, Map.of());
        try (TextSource source = TextSource.open("standard input", script.input, config)) {
            assertThat(source.schema().fields()).extracting(IpcField::name).containsExactly("n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void refusesARecordThatIsCutWhereTheInputEndsByItself(int batchRows) {
        assertThatThrownBy(() -> rows(TextFormat.CSV, batchRows, new Script(CSV, false)))
                .isInstanceOf(CommandException.class);
        assertThatThrownBy(() -> rows(TextFormat.JSON, batchRows, new Script(JSON, false)))
                .isInstanceOf(CommandException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n\n1\n2,3\n", "n,m\n1,2\n3,4,5\n"})
    void refusesAWrongRowThatIsCompleteWhereTheInputIsStoppedLater(String text) {
        assertThatThrownBy(() -> rows(TextFormat.CSV, 10, new Script(text, true)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("fields");
    }
}
