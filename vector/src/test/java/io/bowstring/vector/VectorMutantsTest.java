package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcVerification;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Mutator;
import io.bowstring.codec.NewerTypes;
import io.bowstring.codec.Seeds;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Damaged streams end in one {@link IpcException} or in vectors all values of which can be read, and never in anything else;
 * after each of them all memory is back.
 */
@ExtendWith(LeakDetection.class)
class VectorMutantsTest {
    private static final int MUTANTS = Integer.getInteger("bowstring.mutants", 20_000);
    private static final long SEED = Seeds.fixed("VectorMutantsTest", 20_261_121);

    /** As in the codec's own test of mutants, whose mutants these are. */
    private static final int MAX_STREAM_BYTES = 8 << 10;

    private static final IpcLimits LIMITS =
            IpcLimits.DEFAULTS.toBuilder().maxBodyBytes(1 << 16).build();

    private static final VectorConfig CONFIG = VectorConfig.DEFAULTS.withMaxDecompressedBytes(1 << 20);

    /** What deltas are appended in, and far more than all bodies. */
    private static final long MAX_ALLOCATED_BYTES = 4 << 20;

    private final BufferAllocator allocator =
            new NettyAllocationFactory(UnpooledByteBufAllocator.DEFAULT).newRootAllocator(MAX_ALLOCATED_BYTES);

    private long batches;
    private long values;

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void refusesMutantsOfGoldenStreamsOrReadsAllTheirValues() {
        Mutator mutator = new Mutator(shortStreams());
        int refused = 0;
        for (long seed = SEED; seed < SEED + MUTANTS; seed++) {
            try {
                refused += isAccepted(mutator.mutant(seed), verification(seed)) ? 0 : 1;
                LeakDetection.check();
                assertThat(allocator.getAllocatedMemory()).isZero();
            } catch (Throwable e) {
                throw new AssertionError("-Dbowstring.seed=" + seed + ": " + e, e);
            }
        }
        System.out.printf("VectorMutantsTest: %,d refused, %,d batches, %,d values%n", refused, batches, values);
        // Both happen, or the mutants are too tame or too wild to test anything.
        assertThat(refused).isBetween(MUTANTS / 100, MUTANTS / 2);
        assertThat(batches).isGreaterThan(MUTANTS / 4);
    }

    /** In every other mutant what a batch says of itself is held against the schema by the reader alone. */
    private static IpcVerification verification(long seed) {
        return (seed & 1) == 0 ? IpcVerification.STRUCTURE : IpcVerification.FRAMING;
    }

    private static List<byte[]> shortStreams() {
        Stream<byte[]> golden = GoldenStreams.littleEndian().stream().map(GoldenStreams::read);
        return Stream.concat(golden, NewerTypes.streams().stream())
                .filter(stream -> stream.length <= MAX_STREAM_BYTES)
                .toList();
    }

    /** Returns whether the reader takes all messages that the decoder accepts. */
    private boolean isAccepted(byte[] mutant, IpcVerification verification) {
        IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withLimits(LIMITS).withVerification(verification);
        List<IpcMessage> messages = Messages.upToViolation(mutant, config);
        List<VectorBatch> open = new ArrayList<>();
        boolean isAccepted = true;
        try (BatchReader reader = new BatchReader(allocator, CONFIG)) {
            for (IpcMessage message : messages) {
                try {
                    VectorBatch batch = reader.read(message);
                    if (batch != null) {
                        open.add(batch);
                        batches++;
                    }
                } catch (IpcException e) {
                    isAccepted = false;
                }
            }
        }
        for (VectorBatch batch : open) { // all dictionaries have come, and must not have changed what came before
            batch.root().getFieldVectors().forEach(this::readAll);
            batch.dictionaries()
                    .getDictionaryIds()
                    .forEach(id -> readAll(batch.dictionaries().lookup(id).getVector()));
            batch.close();
        }
        return isAccepted;
    }

    private void readAll(FieldVector vector) {
        for (int i = 0; i < vector.getValueCount(); i++) {
            Object value = vector.getObject(i);
            values += value == null ? 0 : 1;
        }
        vector.getChildrenFromFields().forEach(this::readAll);
    }
}
