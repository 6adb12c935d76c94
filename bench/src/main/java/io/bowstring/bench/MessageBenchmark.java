package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time for one batch of ten columns in a buffer that holds many whole ones, nothing copied. STRUCTURE less FRAMING is what
 * the verifier takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // set up by JMH
public class MessageBenchmark {
    private static final int BATCHES = 64;

    @Param({"1024", "65536"})
    public int bodyBytes;

    @Param({"FLOOR", "FRAMING", "STRUCTURE", "MERGE"})
    public Framing framing;

    private ByteBuf batches;
    private Receiver receiver;

    @Setup
    public void setUp() {
        batches = Streams.batches(bodyBytes, BATCHES, false);
        receiver = new Receiver(framing);
    }

    @Benchmark
    @OperationsPerInvocation(BATCHES)
    public long receive() {
        receiver.receiveWhole(batches.retainedDuplicate());
        return receiver.messages();
    }

    @TearDown
    public void tearDown() {
        receiver.close();
        batches.release();
    }
}
