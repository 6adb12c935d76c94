package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.PlainBatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link BatchPosition} and {@link SubscriptionStart}, what a subscriber finds in the metadata, and {@link BatchSequence},
 * what a producer writes there.
 */
class MarksTest {
    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    @Test
    void parsesPositionThatItWrites() {
        for (BatchPosition position :
                List.of(new BatchPosition(0, 0, 0), new BatchPosition(12, 1_767_225_600_000_000L, 3))) {
            IpcRecordBatch batch = emptyBatch().edited(position.toEdit(), allocator.get());

            assertThat(BatchPosition.parse(batch)).isEqualTo(position);
            batch.release();
        }
    }

    @Test
    void writesGapOnlyWhereThereIsOne() {
        assertThat(new BatchPosition(5, 7, 0).toEdit().added())
                .containsExactly(Map.entry("bowstring.offset", "5"), Map.entry("bowstring.time", "7"));
        assertThat(new BatchPosition(5, 7, 2).toEdit().added())
                .containsExactly(
                        Map.entry("bowstring.offset", "5"),
                        Map.entry("bowstring.time", "7"),
                        Map.entry("bowstring.gap", "2"));
    }

    @Test
    void replacesProtocolKeysOfBatchAndKeepsOthers() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("bowstring.gap", "9");
        entries.put("mine", "kept");
        entries.put("bowstring.made-up", "x");
        IpcRecordBatch batch = emptyBatch().edited(new IpcMetadataEdit("", entries), allocator.get());

        IpcRecordBatch marked = batch.edited(new BatchPosition(5, 7, 0).toEdit(), allocator.get());

        assertThat(marked.customMetadata())
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.offset", "5"),
                        Map.entry("bowstring.time", "7"));
        marked.release();
    }

    @Test
    void findsNoPositionInUnmarkedBatch() {
        IpcRecordBatch batch = emptyBatch();

        assertThat(BatchPosition.parse(batch)).isEqualTo(new BatchPosition(-1, -1, 0));
        batch.release();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.offset", "bowstring.time", "bowstring.gap"})
    void refusesPositionThatIsNoNumber(String key) {
        IpcRecordBatch batch = emptyBatch().edited(new IpcMetadataEdit("", Map.of(key, "six")), allocator.get());

        assertRefused(() -> BatchPosition.parse(batch), ErrorCode.BAD_REQUEST, key + ": six (expected: a number)");
        batch.release();
    }

    @Test
    void marksSchemaWithTopicAndOffset() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("bowstring.publish", "other");
        entries.put("mine", "kept");
        IpcSchema schema = IpcSchema.of(List.of(), entries, allocator.get());

        SubscriptionStart start = new SubscriptionStart(new TopicName("trades"), "c0ffee", 12);
        IpcSchema marked = schema.edited(start.toEdit(), allocator.get());

        assertThat(SubscriptionStart.parse(marked)).isEqualTo(start);

        assertThat(marked.schemaMetadata())
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.topic", "trades"),
                        Map.entry("bowstring.log", "c0ffee"),
                        Map.entry("bowstring.offset", "12"));
        marked.release();
    }

    @Test
    void parsesSequenceThatItWrites() {
        for (long value : new long[] {0, 7, 999_999_999_999_999_999L}) {
            IpcRecordBatch batch = emptyBatch().edited(new BatchSequence(value).toEdit(), allocator.get());

            assertThat(BatchSequence.parse(batch)).isEqualTo(new BatchSequence(value));
            batch.release();
        }
    }

    @Test
    void replacesEntriesOfTheProtocolByTheSequence() {
        assertThat(new BatchSequence(7).toMetadata(Map.of("a", "1", "bowstring.offset", "3")))
                .isEqualTo(Map.of("a", "1", "bowstring.sequence", "7"));
    }

    @Test
    void knowsProducersOfOneLife() {
        assertThat(ProducerId.forOneLife().isForOneLife()).isTrue();
        assertThat(new ProducerId("feed").isForOneLife()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "-0", "1000000000000000000", "1.0", "six", " 1"})
    void refusesSequenceThatIsNoNumber(String value) {
        IpcMetadataEdit edit = new IpcMetadataEdit("", Map.of("bowstring.sequence", value));
        IpcRecordBatch batch = emptyBatch().edited(edit, allocator.get());

        assertRefused(
                () -> BatchSequence.parse(batch),
                ErrorCode.BAD_REQUEST,
                "bowstring.sequence: " + value
                        + " (expected: a number from 0 to 999999999999999999 on each batch of a producer)");
        batch.release();
    }

    @Test
    void refusesBatchWithoutSequence() {
        IpcRecordBatch batch = emptyBatch();

        assertRefused(
                () -> BatchSequence.parse(batch),
                ErrorCode.BAD_REQUEST,
                "bowstring.sequence: absent"
                        + " (expected: a number from 0 to 999999999999999999 on each batch of a producer)");
        batch.release();
    }

    private IpcRecordBatch emptyBatch() {
        return PlainBatch.of(0, List.of(), List.of(), allocator.get());
    }
}
