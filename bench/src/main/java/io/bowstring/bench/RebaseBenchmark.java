package io.bowstring.bench;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.DictionaryBuffers;
import io.bowstring.protocol.DictionaryConcatenation;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
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
 * How long a topic's loop stands still while a dictionary of 4 MiB and 256 deltas becomes one batch, and is hashed: words
 * of eight bytes, or bits, which have to be shifted.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // set up by JMH
public class RebaseBenchmark {
    private static final int BATCHES = 257;
    private static final int BATCH_BYTES = (4 << 20) / BATCHES;
    private static final byte[] WORD = new byte[8];

    @Param({"words", "bits"})
    public String values;

    private IpcField field;
    private IpcDictionaryBatch batch;

    @Setup
    public void setUp() throws IOException {
        IpcType type = values.equals("words") ? IpcType.UTF8 : IpcType.BOOL;
        field = new IpcField("f", true, type, new IpcDictionaryEncoding(0, IpcType.INT32, false), List.of());
        EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
        IpcSchema schema = IpcSchema.of(List.of(field), Map.of(), PooledByteBufAllocator.DEFAULT);
        decoder.writeInbound(schema.frame(), Unpooled.directBuffer().writeBytes(dictionary()));
        ReferenceCountUtil.release(decoder.readInbound());
        batch = Objects.requireNonNull(decoder.readInbound());
    }

    private byte[] dictionary() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (BufferAllocator allocator = new RootAllocator();
                FieldVector vector = values.equals("words") ? words(allocator) : bits(allocator);
                ArrowDictionaryBatch dictionary = new ArrowDictionaryBatch(
                        0, new VectorUnloader(VectorSchemaRoot.of(vector)).getRecordBatch(), false)) {
            MessageSerializer.serialize(new WriteChannel(Channels.newChannel(bytes)), dictionary);
        }
        return bytes.toByteArray();
    }

    private static FieldVector words(BufferAllocator allocator) {
        VarCharVector vector = new VarCharVector("words", allocator);
        int count = BATCH_BYTES / (WORD.length + Integer.BYTES);
        for (int i = 0; i < count; i++) {
            vector.setSafe(i, WORD);
        }
        vector.setValueCount(count);
        return vector;
    }

    /** Two buffers of bits, of which the last byte is not full. */
    private static FieldVector bits(BufferAllocator allocator) {
        BitVector vector = new BitVector("bits", allocator);
        int count = BATCH_BYTES / 2 * 8 - 3;
        vector.setSafe(count, 1);
        vector.setNull(0);
        vector.setValueCount(count);
        return vector;
    }

    @Benchmark
    public int rebase() {
        IpcDictionaryBatch all = Objects.requireNonNull(
                DictionaryConcatenation.of(Collections.nCopies(BATCHES, batch), field, PooledByteBufAllocator.DEFAULT));
        try {
            return new DictionaryBuffers(all).hash();
        } finally {
            all.release();
        }
    }

    @TearDown
    public void tearDown() {
        batch.release();
    }
}
