package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
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

/** Time for the 16 MiB of {@link FramingBenchmark} with arrow-java's own reader. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-opens=java.base/java.nio=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init") // set up by JMH
public class ArrowReaderBenchmark {
    @Param({"1024", "65536", "1048576", "16777216"})
    public int bodyBytes;

    private byte[] stream;
    private BufferAllocator allocator;

    @Setup
    public void setUp() {
        ByteBuf whole = Unpooled.wrappedBuffer(
                Streams.schema(), Streams.batches(bodyBytes, FramingBenchmark.BYTES / bodyBytes, false));
        stream = ByteBufUtil.getBytes(whole);
        whole.release();
        allocator = new RootAllocator();
    }

    @Benchmark
    public long receive() throws IOException {
        try (ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
            long batches = 0;
            while (reader.loadNextBatch()) {
                batches++;
            }
            return batches;
        }
    }

    @TearDown
    public void tearDown() {
        allocator.close();
    }
}
