package io.bowstring.bench;

import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.BatchWriterConfig;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
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

/**
 * Time from ten filled vectors to the parts that a socket is given, and, where a library copies, to the copy. {@code fill},
 * which gives the vectors their memory back, is part of all.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-opens=java.base/java.nio=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init") // set up by JMH
public class VectorWriteBenchmark {
    @Param({"65536", "1048576", "5242880"})
    public int bodyBytes;

    private BufferAllocator allocator;
    private Columns columns;
    private BatchWriter writer;
    private ArrowStreamWriter arrowWriter;
    private FlightMessages flight;
    private byte[] target;
    private int written;

    @Setup
    public void setUp() throws IOException {
        allocator = new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
        columns = new Columns(Streams.rows(bodyBytes), allocator);
        DictionaryProvider none = new DictionaryProvider.MapDictionaryProvider();
        VectorSchemaRoot root = columns.filled();
        writer = new BatchWriter(root.getSchema(), none, BatchWriterConfig.DEFAULTS, PooledByteBufAllocator.DEFAULT);
        target = new byte[bodyBytes + bodyBytes / 32 + 4096];
        arrowWriter = new ArrowStreamWriter(root, none, new Target());
        arrowWriter.start();
        flight = new FlightMessages(allocator);
    }

    /** What the others share. */
    @Benchmark
    public int fill() {
        VectorSchemaRoot root = columns.filled();
        root.clear();
        return root.getRowCount();
    }

    @Benchmark
    public long batchWriter() {
        List<IpcMessage> messages = writer.consume(columns.filled(), Map.of());
        long bytes = 0;
        for (IpcMessage message : messages) {
            for (ByteBuffer part : message.frame().nioBuffers()) {
                bytes += part.remaining();
            }
            message.release();
        }
        return bytes;
    }

    @Benchmark
    public int arrowStreamWriter() throws IOException {
        written = 0;
        VectorSchemaRoot root = columns.filled();
        arrowWriter.writeBatch();
        root.clear();
        return written;
    }

    @Benchmark
    public int flightMessage() throws Exception {
        VectorSchemaRoot root = columns.filled();
        int bytes = flight.write(new VectorUnloader(root).getRecordBatch(), target);
        root.clear();
        return bytes;
    }

    @TearDown
    public void tearDown() {
        arrowWriter.close();
        writer.close();
        columns.close();
        allocator.close();
    }

    /** A channel that copies, as a socket does. */
    private final class Target implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            if (written + bytes > target.length) {
                written = 0; // the head of the stream, before the first batch
            }
            source.get(target, written, bytes);
            written += bytes;
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing to close.
        }
    }
}
