package io.bowstring.bench;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcType;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.VectorBatch;
import io.bowstring.vector.VectorConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
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

/** What it costs to hold the offsets of ten columns of short strings against their bytes: the one less the other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // set up by JMH
public class ValueCheckBenchmark {
    private static final int TEXT_BYTES = 8;

    @Param({"65536", "1048576", "5242880"})
    public int bodyBytes;

    @Param({"true", "false"})
    public boolean checksValues;

    private BufferAllocator allocator;
    private BatchReader reader;
    private IpcRecordBatch message;

    @Setup
    public void setUp() {
        allocator = new RootAllocator();
        List<IpcField> fields = Streams.fields().stream()
                .map(field -> IpcField.of(field.name(), true, IpcType.UTF8))
                .toList();
        IpcSchema schema = IpcSchema.of(fields, Map.of(), UnpooledByteBufAllocator.DEFAULT);
        message = decoded(schema, texts(bodyBytes / (Streams.COLUMNS * (TEXT_BYTES + Integer.BYTES))));
        reader = new BatchReader(allocator, VectorConfig.DEFAULTS.withValueChecks(checksValues));
        reader.read(schema);
    }

    /** Returns a batch as a decoder does. */
    private static IpcRecordBatch decoded(IpcSchema schema, ByteBuf batch) {
        IpcStreamReader stream = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        ByteBuf head = schema.frame().copy();
        try {
            Objects.requireNonNull(stream.next(head)).release();
            IpcMessage decoded = Objects.requireNonNull(stream.next(batch));
            return (IpcRecordBatch) decoded;
        } finally {
            head.release();
            batch.release();
        }
    }

    private static ByteBuf texts(int rows) {
        ByteBuf offsets = Unpooled.directBuffer();
        for (int row = 0; row <= rows; row++) {
            offsets.writeIntLE(row * TEXT_BYTES);
        }
        ByteBuf data = Unpooled.directBuffer().writeZero(rows * TEXT_BYTES);
        try {
            return Streams.batch(rows, List.of(Unpooled.EMPTY_BUFFER, offsets, data));
        } finally {
            offsets.release();
            data.release();
        }
    }

    @Benchmark
    public long read() {
        try (VectorBatch batch = Objects.requireNonNull(reader.read(message.retain()))) {
            return batch.rowCount();
        }
    }

    @TearDown
    public void tearDown() {
        message.release();
        reader.close();
        allocator.close();
    }
}
