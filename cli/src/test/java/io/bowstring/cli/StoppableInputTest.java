package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StoppableInputTest {
    private Pipe pipe;
    private StoppableInput input;

    @BeforeEach
    void open() throws IOException {
        pipe = Pipe.open();
        input = new StoppableInput(pipe.source());
    }

    @AfterEach
    void close() throws IOException {
        pipe.sink().close();
        pipe.source().close();
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            pipe.sink().write(bytes);
        }
    }

    private String read() throws IOException {
        byte[] target = new byte[100_000];
        int count = input.read(target);
        return count < 0 ? "end" : new String(target, 0, count, StandardCharsets.UTF_8);
    }

    private FutureTask<String> reading() {
        FutureTask<String> reading = new FutureTask<>(this::read);
        Thread thread = new Thread(reading, "reader");
        thread.setDaemon(true);
        thread.start();
        while (thread.getState() != Thread.State.RUNNABLE && !reading.isDone()) {
            Thread.onSpinWait();
        }
        return reading;
    }

    @Test
    void closesItsChannel() throws IOException {
        input.close();
        assertThat(pipe.source().isOpen()).isFalse();
    }

    @Test
    void isReadInCompleteLines() throws IOException {
        write("a\nb\nc");
        assertThat(read()).isEqualTo("a\nb\n");

        write("d\n");
        assertThat(read()).isEqualTo("cd\n");
    }

    @Test
    void hasALastLineWithoutAnEndWhereItEndsByItself() throws IOException {
        write("a\nb");
        pipe.sink().close();

        assertThat(read()).isEqualTo("a\n");
        assertThat(read()).isEqualTo("b");
        assertThat(read()).isEqualTo("end");
    }

    @Test
    void dropsALineThatIsNotCompleteWhereItIsEnded() throws IOException {
        write("a\nb");
        assertThat(read()).isEqualTo("a\n");

        input.end();

        assertThat(read()).isEqualTo("end");
    }

    @Test
    void endsWhileItIsReadFrom() throws Exception {
        FutureTask<String> reading = reading();

        input.end();

        assertThat(reading.get()).isEqualTo("end");
    }

    @Test
    void endsWhileItsBytesAreReadFrom() throws Exception {
        FutureTask<Integer> reading = new FutureTask<>(() -> input.asChannel().read(ByteBuffer.allocate(10)));
        Thread thread = new Thread(reading, "reader");
        thread.setDaemon(true);
        thread.start();

        input.end();

        assertThat(reading.get()).isEqualTo(-1);
    }

    @Test
    void handsOnALineThatIsLongerThanItsBuffer() throws Exception {
        String line = "x".repeat(70_000) + "\n";
        FutureTask<String> reading = reading();
        write(line);

        assertThat(reading.get() + read()).isEqualTo(line);
    }

    @Test
    void failsWhereItIsEndedInALineThatHasBeenHandedOnInPart() throws Exception {
        FutureTask<String> reading = reading();
        write("x".repeat(70_000));
        assertThat(reading.get()).hasSize(1 << 16);

        input.end();

        assertThatThrownBy(this::read).isInstanceOf(IOException.class).hasMessage("ended inside a line");
    }
}
