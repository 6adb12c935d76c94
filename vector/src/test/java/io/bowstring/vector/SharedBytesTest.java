package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fields may be the same bytes of a body: the format does not say that buffers are apart, and writers may come to write those
 * once that are alike. What that costs a reader is bounded.
 */
@ExtendWith(LeakDetection.class)
class SharedBytesTest {
    private static final int ROWS = (1 << 16) - 1;
    private static final int BODY_BYTES = 4 << 16; // 16 values each, and 1 Mi: 5 Mi in all

    private static final IpcField NOTHING = field(IpcTypeId.NULL);

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void boundsOffsets() {
        Consumer<BatchBytes> text =
                batch -> batch.node(ROWS, 0).range(0, 0).range(0, BODY_BYTES).range(0, 0);

        assertThat(refusal(field(IpcTypeId.UTF8), 80, text, new byte[BODY_BYTES]))
                .isNull();
        assertThat(refusal(field(IpcTypeId.UTF8), 81, text, new byte[BODY_BYTES]))
                .isEqualTo("values that refer to others: 5308335"
                        + " (expected: <= 16 for each of 262144 bytes, and 1048576)");
    }

    @Test
    void boundsRunEnds() {
        IpcField ends = new IpcField("run_ends", false, IpcType.INT32, null, List.of());
        IpcField runs = field(IpcTypeId.RUN_END_ENCODED, ends, NOTHING);
        Consumer<BatchBytes> run = batch -> batch.node(ROWS, 0)
                .node(ROWS, 0)
                .range(0, 0)
                .range(0, BODY_BYTES)
                .node(ROWS, ROWS);
        ByteBuffer ascending = ByteBuffer.allocate(BODY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i <= ROWS; i++) {
            ascending.putInt(i + 1);
        }

        assertThat(refusal(runs, 80, run, ascending.array())).isNull();
        assertThat(refusal(runs, 81, run, ascending.array())).startsWith("values that refer to others: 5308335");
    }

    @Test
    void doesNotCountValuesThatNobodyChecks() {
        Consumer<BatchBytes> number = batch -> batch.node(ROWS, 0).range(0, 0).range(0, BODY_BYTES);

        assertThat(refusal(IpcField.of("f", true, IpcType.INT32), 200, number, new byte[BODY_BYTES]))
                .isNull();
    }

    /** Returns what a reader says to a batch of so many fields that are all alike; null where it takes it. */
    private @Nullable String refusal(IpcField field, int count, Consumer<BatchBytes> add, byte[] body) {
        BatchBytes batch = new BatchBytes(ROWS);
        for (int i = 0; i < count; i++) {
            add.accept(batch);
        }
        IpcSchema schema = IpcSchema.of(Collections.nCopies(count, field), Map.of(), UnpooledByteBufAllocator.DEFAULT);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(ByteBufUtil.getBytes(schema.frame()));
        stream.writeBytes(batch.body(body).message());
        schema.release();
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withLimits(IpcLimits.UNLIMITED);
        try (BatchReader reader = new BatchReader(allocator)) {
            String refusal = null;
            for (IpcMessage message : Messages.of(stream.toByteArray(), config)) {
                try (VectorBatch read = reader.read(message)) {
                    assertThat(read == null || read.rowCount() == ROWS).isTrue();
                } catch (IpcException e) {
                    assertThat(e.code()).isEqualTo(IpcErrorCode.MALFORMED);
                    refusal = e.getMessage();
                }
            }
            return refusal;
        }
    }

    private static IpcField field(IpcTypeId type, IpcField... children) {
        return new IpcField("f", true, IpcType.of(type), null, List.of(children));
    }
}
