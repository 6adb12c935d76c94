package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicStatusTest {
    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    @Test
    void hasSchemaOfProtocol() {
        IpcSchema schema = TopicStatus.toSchema(allocator.get());

        assertThat(schema.fields())
                .extracting(IpcField::toString)
                .containsExactly(
                        "topic: utf8 not null",
                        "fields: utf8 not null",
                        "first_offset: int64 not null",
                        "next_offset: int64 not null",
                        "batches: int64 not null",
                        "rows: int64 not null",
                        "bytes: int64 not null",
                        "publishers: int64 not null",
                        "subscribers: int64 not null",
                        "sealed: bool not null",
                        "appended_batches: int64 not null",
                        "appended_rows: int64 not null",
                        "appended_bytes: int64 not null",
                        "delivered_batches: int64 not null",
                        "delivered_bytes: int64 not null",
                        "gap_batches: int64 not null",
                        "cut_subscribers: int64 not null");
        assertThat(schema.schemaMetadata()).isEmpty();
        schema.release();
    }

    @Test
    void writesColumns() {
        TopicTotals first = new TopicTotals(10, 11, 12, 13, 14, 15, 16);
        TopicTotals second = new TopicTotals(20, 21, 22, 23, 24, 25, 26);
        List<TopicStatus> rows = List.of(
                new TopicStatus(new TopicName("ab"), "x: ä", 1, 2, 3, 4, 5, 6, 7, false, first),
                new TopicStatus(new TopicName("c"), "", 11, 12, 13, 14, 15, 16, 17, true, second));

        IpcRecordBatch batch = received(TopicStatus.toBatch(rows, allocator.get()));

        assertThat(batch.rowCount()).isEqualTo(2);
        assertThat(hex(batch, 1, 12)).isEqualTo("00000000" + "02000000" + "03000000"); // topic: offsets
        assertThat(hex(batch, 2, 3)).isEqualTo("616263"); //                              abc
        assertThat(hex(batch, 4, 12)).isEqualTo("00000000" + "05000000" + "05000000"); // fields: offsets
        assertThat(hex(batch, 5, 5)).isEqualTo("783a20c3a4"); //                          x: ä
        for (int column = 2; column <= 8; column++) {
            assertThat(hex(batch, 2 * column + 3, 16)).isEqualTo(int64(column - 1) + int64(10 + column - 1));
        }
        assertThat(hex(batch, 21, 1)).isEqualTo("02"); // sealed: the second row
        for (int column = 10; column <= 16; column++) {
            assertThat(hex(batch, 2 * column + 3, 16)).isEqualTo(int64(column) + int64(10 + column));
        }
        assertThat(nullCounts(batch)).containsOnly(0L).hasSize(17);
        batch.release();
    }

    @Test
    void packsFlagsLeastSignificantBitFirst() {
        List<TopicStatus> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rows.add(new TopicStatus(
                    new TopicName("t" + i), "", 0, 0, 0, 0, 0, 0, 0, i == 0 || i == 6 || i == 9, TopicTotals.NONE));
        }

        IpcRecordBatch batch = received(TopicStatus.toBatch(rows, allocator.get()));

        assertThat(hex(batch, 21, 2)).isEqualTo("4102");
        batch.release();
    }

    /** A description may be cut inside a character. */
    @Test
    void writesAQuestionMarkForHalfACharacter() {
        String cut = "\uD83D…";
        IpcRecordBatch batch = received(TopicStatus.toBatch(
                List.of(new TopicStatus(new TopicName("t"), cut, 0, 0, 0, 0, 0, 0, 0, false, TopicTotals.NONE)),
                allocator.get()));

        assertThat(hex(batch, 4, 8)).isEqualTo("00000000" + "04000000");
        assertThat(hex(batch, 5, 4)).isEqualTo("3fe280a6"); // ?…
        batch.release();
    }

    @Test
    void writesEmptyTable() {
        IpcRecordBatch batch = received(TopicStatus.toBatch(List.of(), allocator.get()));

        assertThat(batch.rowCount()).isZero();
        assertThat(hex(batch, 1, 4)).isEqualTo("00000000");
        batch.release();
    }

    @Test
    void describesTheFirstOfManyFields() {
        List<IpcField> fields = Collections.nCopies(200, IpcField.of("f", false, IpcType.INT64));
        String all = "f: int64 not null, ".repeat(200);

        assertThat(TopicStatus.describe(fields.subList(0, 2))).isEqualTo("f: int64 not null, f: int64 not null");
        assertThat(TopicStatus.describe(fields)).isEqualTo(all.substring(0, 1_000) + "…");
    }

    @Test
    void readsTheNamesOfTheTopics() {
        List<TopicStatus> rows = List.of(
                new TopicStatus(new TopicName("trades"), "x: ä", 1, 2, 3, 4, 5, 6, 7, false, TopicTotals.NONE),
                new TopicStatus(new TopicName("t"), "", 1, 2, 3, 4, 5, 6, 7, false, TopicTotals.NONE));

        IpcRecordBatch batch = received(TopicStatus.toBatch(rows, allocator.get()));
        IpcRecordBatch none = received(TopicStatus.toBatch(List.of(), allocator.get()));

        assertThat(TopicStatus.topics(batch)).containsExactly("trades", "t");
        assertThat(TopicStatus.topics(none)).isEmpty();
        batch.release();
        none.release();
    }

    /** Returns a batch, which is consumed, as a client receives it behind the schema; owned. */
    private IpcRecordBatch received(IpcRecordBatch batch) {
        FrameReader client = new FrameReader();
        client.read(TopicStatus.toSchema(allocator.get()).frame()).release();
        return (IpcRecordBatch) client.read(batch.frame());
    }

    private static String hex(IpcRecordBatch batch, int buffer, int length) {
        return ByteBufUtil.hexDump(batch.buffer(buffer, length));
    }

    /** Returns a small number as it stands in a buffer. */
    private static String int64(int value) {
        return Integer.toHexString(0x100 + value).substring(1) + "00000000000000";
    }

    private static List<Long> nullCounts(IpcRecordBatch batch) {
        List<Long> counts = new ArrayList<>();
        for (int node = 0; node < 17; node++) {
            counts.add(batch.batchMetadata().nullCount(node));
        }
        return counts;
    }
}
