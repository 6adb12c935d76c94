package io.bowstring.bench;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcMessage;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.NettyAllocationFactory;
import io.bowstring.vector.VectorBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
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

/** Time from one whole batch in memory to ten vectors, and to let go of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-opens=java.base/java.nio=ALL-UNNAMED")
@SuppressWarnings("NullAway.Init") // set up by JMH
public class VectorReadBenchmark {
    @Param({"65536", "1048576", "5242880"})
    public int bodyBytes;

    private BufferAllocator allocator;
    private BatchReader reader;
    private IpcMessage message;
    private ArrowStreamReader arrowReader;
    private FlightMessages flight;
    private byte[] flightBytes;
    private VectorSchemaRoot root;
    private VectorLoader loader;

    @Setup
    public void setUp() throws Exception {
        allocator = new NettyAllocationFactory(PooledByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder());
        ByteBuf schema = Streams.schema();
        ByteBuf batch = Streams.batch(bodyBytes);
        arrowReader = new ArrowStreamReader(
                new Repeated(ByteBufUtil.getBytes(schema), ByteBufUtil.getBytes(batch)), allocator);
        channel.writeInbound(schema, batch);
        reader = new BatchReader(allocator);
        reader.read(channel.readInbound());
        message = channel.readInbound();
        channel.finishAndReleaseAll();
        flight = new FlightMessages(allocator);
        setUpFlight();
    }

    private void setUpFlight() throws Exception {
        try (Columns columns = new Columns(Streams.rows(bodyBytes), allocator)) {
            byte[] bytes = new byte[bodyBytes + bodyBytes / 32 + 4096];
            ArrowRecordBatch batch = new VectorUnloader(columns.filled()).getRecordBatch();
            flightBytes = Arrays.copyOf(bytes, flight.write(batch, bytes));
            root = VectorSchemaRoot.create(columns.filled().getSchema(), allocator);
            loader = new VectorLoader(root);
        }
    }

    @Benchmark
    public int batchReader() {
        try (VectorBatch batch = reader.read(message.retain())) {
            return batch == null ? 0 : batch.rowCount();
        }
    }

    @Benchmark
    public int arrowStreamReader() throws IOException {
        arrowReader.loadNextBatch();
        return arrowReader.getVectorSchemaRoot().getRowCount();
    }

    @Benchmark
    public int flightMessage() throws Exception {
        try (ArrowRecordBatch batch = flight.read(new ByteArrayInputStream(flightBytes))) {
            loader.load(batch);
        }
        return root.getRowCount();
    }

    @TearDown
    public void tearDown() throws IOException {
        reader.close();
        message.release();
        arrowReader.close();
        root.close();
        allocator.close();
    }

    /** The first bytes once, the others for ever. */
    private static final class Repeated extends InputStream {
        private byte[] present;
        private final byte[] next;
        private int index;

        private Repeated(byte[] first, byte[] next) {
            this.present = first;
            this.next = next;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            read(one, 0, 1);
            return one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (index == present.length) {
                present = next;
                index = 0;
            }
            int bytes = Math.min(length, present.length - index);
            System.arraycopy(present, index, target, offset, bytes);
            index += bytes;
            return bytes;
        }
    }
}
