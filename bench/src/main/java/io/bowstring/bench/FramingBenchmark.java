package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Time for 16 MiB of messages that arrive in chunks of 64 KiB, the copy out of the socket included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // set up by JMH
public class FramingBenchmark {
    static final int BYTES = 16 << 20;

    @Param({"1024", "65536", "1048576", "16777216"})
    public int bodyBytes;

    @Param({"FRAMING", "STRUCTURE", "MERGE", "COMPOSITE"})
    public Framing framing;

    private ByteBuf batches;
    private Receiver receiver;

    @Setup
    public void setUp() {
        batches = Streams.batches(bodyBytes, BYTES / bodyBytes, false);
        receiver = new Receiver(framing);
    }

    @Benchmark
    public long receive() {
        receiver.receiveChunks(batches);
        return receiver.messages();
    }

    @TearDown
    public void tearDown() {
        receiver.close();
        batches.release();
    }
}
