package io.bowstring.codec;

import static io.bowstring.codec.StructureProbe.schema;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a decoder says of a batch does not depend on the batches that came before it: one that has seen batches that are alike,
 * and compares, is held against one that has seen none, and checks. The batches are valid ones of random schemas, and those with
 * one word changed; of what is accepted one more word is changed, and so on, until vectors lie over tables.
 */
@ExtendWith(LeakDetection.class)
class LikeBatchesTest {
    private static final int STREAMS = 400;
    private static final int MUTANTS = 8;
    private static final long SEED = Seeds.fixed("LikeBatchesTest", 20_261_129);
    private static final long[] EXTREMES = {0, 1, 7, 8, -1, -8, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE};

    /** What came of one message. */
    private enum Verdict {
        ACCEPTED,
        REFUSED
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void aBatchIsJudgedAsIfItWereTheFirst(Chunking chunking) {
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        int streams = chunking == Chunking.BYTE_BY_BYTE ? STREAMS / 10 : STREAMS;
        for (long seed = SEED; seed < SEED + streams; seed++) {
            try {
                check(new Random(seed), chunking, verdicts);
            } catch (AssertionError e) {
                throw new AssertionError("-Dbowstring.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
        int all = streams * MUTANTS;
        assertThat(verdicts.get(Verdict.ACCEPTED)).isGreaterThan(all / 10);
        assertThat(verdicts.get(Verdict.REFUSED)).isGreaterThan(all / 10);
    }

    private static void check(Random random, Chunking chunking, Map<Verdict, Integer> verdicts) {
        RandomBatches batches = new RandomBatches(random);
        IpcVerification level = random.nextInt(4) == 0 ? IpcVerification.FRAMING : IpcVerification.STRUCTURE;
        IpcDecoderConfig config =
                IpcDecoderConfig.DEFAULTS.withVerification(level).withBatchRuns(random.nextBoolean());
        byte[] schema = schema(batches.fields());
        List<byte[]> accepted = new ArrayList<>(List.of(batches.next(), batches.next(), batches.next()));
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = i == 0 ? batches.next() : mutant(accepted.get(random.nextInt(accepted.size())), random);
            Object alone = last(config, chunking, List.of(schema, mutant));
            List<byte[]> stream = new ArrayList<>(accepted);
            stream.add(0, schema);
            stream.add(mutant);
            assertThat(last(config, chunking, stream)).isEqualTo(alone);
            verdicts.merge(alone instanceof Content ? Verdict.ACCEPTED : Verdict.REFUSED, 1, Integer::sum);
            if (alone instanceof Content content && content.frame.length() == 2 * mutant.length) {
                accepted.add(mutant); // else it says that it is shorter than it is, and something else would follow
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void isRecognizedHoweverItComes(Chunking chunking) {
        byte[] stream = Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.BATCH, Wire.BATCH);
        try (DecoderProbe probe = new DecoderProbe().feed(stream, chunking)) {
            MessageHeader first = probe.messages.get(1).bytes().header();
            assertThat(probe.messages.get(2).bytes().header()).isSameAs(first);
            assertThat(probe.messages.get(3).bytes().header()).isSameAs(first);
        }
    }

    @Test
    void isRecognizedWhateverStandsWhereNothingPointsTo() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, numbered(1), numbered(2))) {
            IpcMessage second = probe.messages.get(2);
            assertThat(second.bytes().header())
                    .isSameAs(probe.messages.get(1).bytes().header());
            assertThat(second.customMetadata()).containsExactly(Map.entry("offset", "2"));
        }
    }

    /** Returns a batch that has had another entry, which is still there. */
    private static byte[] numbered(int number) {
        IpcRecordBatch batch = IpcRecordBatch.of(Unpooled.copiedBuffer(Wire.BATCH));
        for (String key : List.of("sequence", "offset")) {
            Map<String, String> entry = Map.of(key, Integer.toString(number));
            batch = batch.edited(new IpcMetadataEdit("sequence", entry), UnpooledByteBufAllocator.DEFAULT);
        }
        byte[] frame = ByteBufUtil.getBytes(batch.frame());
        batch.release();
        return frame;
    }

    @Test
    void tellsBatchesApartWhereTextLiesOverAVtable() {
        byte[] over = Wire.inMetadata(Wire.BATCH_WITH_ENTRY, 84, "14"); // so many bytes of text
        byte[] withoutLength = Wire.inMetadata(over, 102, "00 00");

        assertJudgedAlike(schema(), over, withoutLength);
        assertThat(last(IpcDecoderConfig.DEFAULTS, Chunking.WHOLE, List.of(schema(), over, withoutLength)))
                .extracting("rowCount")
                .isEqualTo(0L);
    }

    @Test
    void tellsBatchesApartWhereAKeyIsItsValue() {
        byte[] compressed = batchWithKeyAsValue(CustomMetadata.COMPRESSION_OF_V4);
        byte[] other = batchWithKeyAsValue(CustomMetadata.COMPRESSION_OF_V4.replace('A', 'B'));

        assertJudgedAlike(schema(), compressed, other);
        assertJudgedAlike(schema(), other, compressed);
    }

    @Test
    void judgesNumbersWhoseSumOverflowsAlike() {
        byte[] good =
                new BatchBytes(2).node(2, 0).range(0, 0).range(0, 8).body(16).message();
        byte[] far = new BatchBytes(2)
                .node(2, 0)
                .range(0, 0)
                .range(Long.MAX_VALUE - 7, Long.MAX_VALUE)
                .body(16)
                .message();

        assertJudgedAlike(schema(StructureProbe.field(IpcType.INT32)), good, far);
    }

    private static byte[] batchWithKeyAsValue(String text) {
        MetadataWriter out = new MetadataWriter(IpcKind.RECORD_BATCH, MessageHeader.V4, 0, true, 256);
        int batch = out.table(16, 8);
        out.header(batch);
        out.entries(out.offsets(1, i -> {
            int entry = out.table(12, 4, 8);
            int string = out.string(text);
            out.point(entry + 4, string);
            out.point(entry + 8, string);
            return entry;
        }));
        return Metadata.bytes(out);
    }

    private static void assertJudgedAlike(byte[] schema, byte[] before, byte[] batch) {
        for (IpcVerification level : IpcVerification.values()) {
            IpcDecoderConfig config = IpcDecoderConfig.DEFAULTS.withVerification(level);
            Object alone = last(config, Chunking.WHOLE, List.of(schema, batch));
            assertThat(last(config, Chunking.WHOLE, List.of(schema, before, batch)))
                    .isEqualTo(alone);
        }
    }

    /** Changes a word of the metadata, or a part of one. */
    private static byte[] mutant(byte[] message, Random random) {
        int words = (message[4] & 0xFF | (message[5] & 0xFF) << 8) / 8;
        byte[] mutant = message.clone();
        int at = 8 + 8 * random.nextInt(words);
        long word = int64(mutant, at);
        long other = int64(mutant, 8 + 8 * random.nextInt(words));
        int half = 32 * random.nextInt(2);
        setInt64(
                mutant,
                at,
                switch (random.nextInt(7)) {
                    case 0 -> word ^ 1L << random.nextInt(64);
                    case 1 -> word + random.nextInt(33) - 16;
                    case 2 -> word + ((long) random.nextInt(33) - 16 << half);
                    case 3 -> word + 8L * random.nextInt(9) - 32;
                    case 4 -> EXTREMES[random.nextInt(EXTREMES.length)];
                    case 5 -> other;
                    default -> word & ~(0xFFFFL << half) | 4L * random.nextInt(64) << half; // an offset to somewhere
                });
        return mutant;
    }

    private static long int64(byte[] bytes, int at) {
        return (long) MetadataReader.INT64.get(bytes, at);
    }

    private static void setInt64(byte[] bytes, int at, long value) {
        MetadataReader.INT64.set(bytes, at, value);
    }

    /** What a decoder has made of a batch. */
    private record Content(String frame, MessageHeader header, long rowCount, int body) {}

    /** Returns what comes of the last of these messages: its content or what the exception says. */
    private static Object last(IpcDecoderConfig config, Chunking chunking, List<byte[]> messages) {
        byte[] stream = Wire.concat(messages.toArray(byte[][]::new));
        try (DecoderProbe probe = new DecoderProbe(config).feed(stream, chunking)) {
            if (probe.messages.size() < messages.size()) {
                assertThat(probe.messages).hasSize(messages.size() - 1);
                probe.halfClose(); // a mutant may only claim to be longer
                return probe.error().getMessage();
            }
            probe.halfClose();
            probe.errors.clear(); // what is shorter than it was leaves bytes that are no message
            IpcMessage last = probe.messages.get(messages.size() - 1);
            long rows = last instanceof IpcRecordBatch batch ? batch.rowCount() : -1;
            Frame frame = last.bytes();
            return new Content(ByteBufUtil.hexDump(last.frame()), frame.header(), rows, frame.bodyBytes());
        }
    }
}
