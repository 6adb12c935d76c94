package io.bowstring.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** That the benchmarks still run, and compare like with like. */
@ExtendWith(LeakDetection.class)
@Timeout(300)
class BenchmarksTest {
    @ParameterizedTest
    @EnumSource(Framing.class)
    void everyFramingFindsTheSameMessages(Framing framing) {
        ByteBuf batch = Streams.batch(64 << 10);
        ByteBuf batches = Streams.batches(64 << 10, 3, true);
        List<ByteBuf> frames = new ArrayList<>();
        try (Receiver receiver = new Receiver(framing, message -> frames.add(copy(message)))) {
            if (framing == Framing.FLOOR) {
                receiver.receiveWhole(batches.retainedDuplicate());
            } else {
                receiver.receiveChunks(batches);
            }
        }
        ByteBuf schema = Streams.schema();
        try {
            assertThat(frames).containsExactly(schema, batch, batch, batch);
        } finally {
            List.of(schema, batch, batches).forEach(ByteBuf::release);
            frames.forEach(ByteBuf::release);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 10, 64 << 10})
    void everyBenchmarkRuns(int bodyBytes) throws Exception {
        var options = new OptionsBuilder()
                .param("bodyBytes", String.valueOf(bodyBytes))
                .mode(Mode.SingleShotTime)
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(5))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();

        assertThat(new Runner(options).run()).hasSize(4 + 1 + 4 + 2 + 3 + 4 + 2);
    }

    @Test
    void everyReceptionReceivesWhatWasSent() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ReceiveCpu(1, 1, new PrintStream(out, true, StandardCharsets.UTF_8)).run(256 << 10);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("| DIRECT |", "| COPY |", "| MERGE |", "| COMPOSITE |");
    }

    @Test
    void everyFramingTakesItsTurn() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new FramingTurns(2, new PrintStream(out, true, StandardCharsets.UTF_8)).run(64 << 10, 1 << 20);

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2 + 2 * (5 + 5 + 5))
                .anyMatch(line -> line.matches("\\| whole \\| 65536 \\| FLOOR \\| [0-9]+ \\| [0-9.]+ \\| 1[.,]00 \\|"));
    }

    @Test
    void everyLibraryTakesItsTurnWithVectors() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new VectorTurns(1, new PrintStream(out, true, StandardCharsets.UTF_8)).run(64 << 10);

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2 + 3 + 4)
                .anyMatch(line -> line.matches("\\| 65536 \\| read \\| BatchReader \\| [0-9.,]+ \\| 1[.,]0 \\|"));
    }

    /** Returns a copy of a message's bytes; owned. */
    private static ByteBuf copy(Object message) {
        return message instanceof IpcMessage ipc ? ipc.frame().copy() : ((ByteBuf) message).copy();
    }
}
