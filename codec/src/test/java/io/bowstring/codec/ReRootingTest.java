package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** New root tables in front of record batches and dictionary batches. */
@ExtendWith(LeakDetection.class)
class ReRootingTest {
    static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void addsEntriesBehindThoseThatStay(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.concat(Wire.SCHEMA, Wire.BATCH_WITH_ENTRY), chunking)) {
            IpcRecordBatch edited = edit(probe, add("z", "1", "a", "zwölf"));

            assertThat(edited.customMetadata())
                    .containsExactly(Map.entry("k", "v"), Map.entry("z", "1"), Map.entry("a", "zwölf"));
            assertThat(edited.rowCount()).isEqualTo(5);
            assertReRooted(edited, Wire.BATCH_WITH_ENTRY);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void addsEntriesWhereThereWereNone(Chunking chunking) {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.concat(Wire.SCHEMA, Wire.BATCH), chunking)) {
            IpcRecordBatch edited = edit(probe, add("z", "1"));

            assertThat(edited.customMetadata()).containsExactly(Map.entry("z", "1"));
            assertThat(edited.rowCount()).isEqualTo(3);
            assertThat(edited.buffer(1, 12).getIntLE(8)).isEqualTo(3);
            assertReRooted(edited, Wire.BATCH);
        }
    }

    @Test
    void stripsEntriesByPrefixAndKeepsTheOrderOfOthers() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, Wire.BATCH_WITH_ENTRY)) {
            edit(probe, add("x.a", "1", "y", "2", "x.", "3", "x", "4", "yx.", "5"));
            IpcRecordBatch edited = edit(probe, new IpcMetadataEdit("x.", Map.of("x.new", "6")));

            assertThat(edited.customMetadata())
                    .containsExactly(
                            Map.entry("k", "v"),
                            Map.entry("y", "2"),
                            Map.entry("x", "4"),
                            Map.entry("yx.", "5"),
                            Map.entry("x.new", "6"));
        }
    }

    @Test
    void stripsAllEntriesWithTheEmptyPrefix() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, Wire.BATCH_WITH_ENTRY)) {
            IpcRecordBatch edited = edit(probe, new IpcMetadataEdit("", Map.of()));

            assertThat(edited.customMetadata()).isEmpty();
            assertReRooted(edited, Wire.BATCH_WITH_ENTRY);
        }
    }

    @Test
    void keepsMoreEntriesThanItHasRoomForAtFirst() {
        Map<String, String> many = new LinkedHashMap<>();
        for (int i = 0; i < 40; i++) {
            many.put("key" + i, "value" + i);
        }
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.SCHEMA, Wire.BATCH)) {
            edit(probe, new IpcMetadataEdit("x", many));
            IpcRecordBatch edited = edit(probe, add("last", ""));

            many.put("last", "");
            assertThat(edited.customMetadata()).containsExactlyEntriesOf(many);
        }
    }

    @Test
    void givesTheSameBytesInPlaceAndByCopy() {
        byte[] input = Wire.concat(Wire.SCHEMA, Wire.BATCH);
        try (DecoderProbe slices = new DecoderProbe().feed(input);
                DecoderProbe own = new DecoderProbe().feed(input, Chunking.BYTE_BY_BYTE)) {
            edit(slices, add("z", "1"));
            edit(own, add("z", "1"));

            assertThat(own.frames()).isEqualTo(slices.frames());
        }
    }

    @Test
    void writesInPlaceInBufferOfItsOwn() {
        try (DecoderProbe probe =
                new DecoderProbe().feed(Wire.concat(Wire.SCHEMA, Wire.BATCH), Chunking.BYTE_BY_BYTE)) {
            ByteBuf old = probe.messages.get(1).frame();
            IpcRecordBatch edited = edit(probe, add("z", "1"));

            assertShares(old, edited, true);
        }
    }

    @Test
    void copiesWhereSomebodyElseHoldsTheMessage() {
        try (DecoderProbe probe =
                new DecoderProbe().feed(Wire.concat(Wire.SCHEMA, Wire.BATCH), Chunking.BYTE_BY_BYTE)) {
            IpcMessage old = probe.messages.get(1).retain();
            IpcRecordBatch edited = edit(probe, add("z", "1"));

            assertShares(old.frame(), edited, false);
            assertThat(ByteBufUtil.getBytes(old.frame())).isEqualTo(Wire.BATCH);
            assertThat(old.release()).isTrue();
        }
    }

    @Test
    void copiesSliceIntoAlignedBuffer() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.concat(Wire.SCHEMA, Wire.BATCH, Wire.SCHEMA))) {
            probe.error();
            ByteBuf before = probe.messages.get(0).frame();
            IpcRecordBatch edited = edit(probe, add("z", "1"));

            assertThat(ByteBufUtil.getBytes(before)).isEqualTo(Wire.SCHEMA);
            if (edited.body().hasMemoryAddress()) {
                assertThat(edited.body().memoryAddress() % Frame.BODY_ALIGNMENT).isZero();
            }
        }
    }

    @Test
    void outgrowsTheHeadroomByCopy() {
        byte[] input = Wire.concat(Wire.SCHEMA, Wire.BATCH);
        for (int valueBytes = 400; valueBytes < 600; valueBytes += 8) {
            String value = "v".repeat(valueBytes);
            try (DecoderProbe probe = new DecoderProbe().feed(input, Chunking.BYTE_BY_BYTE)) {
                IpcRecordBatch edited = edit(probe, add("z", value));

                assertThat(edited.customMetadata()).containsExactly(Map.entry("z", value));
                assertReRooted(edited, Wire.BATCH);
            }
        }
    }

    @Test
    void editsInPlaceUpToTheHeadroom() {
        byte[] input = Wire.concat(Wire.SCHEMA, Wire.BATCH);
        try (DecoderProbe probe = new DecoderProbe().feed(input, Chunking.BYTE_BY_BYTE)) {
            ByteBuf old = probe.messages.get(1).frame();
            IpcRecordBatch edited = edit(probe, add("z", "v".repeat(420)));

            int rootBytes = edited.frameBytes() - Wire.BATCH.length;
            assertThat(rootBytes).isBetween(Frame.HEADROOM_BYTES - 16, Frame.HEADROOM_BYTES);
            assertShares(old, edited, true);
        }
    }

    @ParameterizedTest
    @EnumSource(Chunking.class)
    void setsDictionaryId(Chunking chunking) {
        byte[] delta = Wire.inMetadata(Wire.DICTIONARY_BATCH, 64, "01");
        byte[] input = Wire.concat(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH, delta);
        try (DecoderProbe probe = new DecoderProbe().feed(input, chunking)) {
            IpcDictionaryBatch whole = setId(probe, 1, Long.MIN_VALUE + 9);
            IpcDictionaryBatch appended = setId(probe, 2, 10);

            assertThat(whole.id()).isEqualTo(Long.MIN_VALUE + 9);
            assertThat(whole.isDelta()).isFalse();
            assertThat(whole.customMetadata()).isEmpty();
            assertReRooted(whole, Wire.DICTIONARY_BATCH);
            assertThat(appended.id()).isEqualTo(10);
            assertThat(appended.isDelta()).isTrue();
            assertReRooted(appended, delta);
        }
    }

    @Test
    void keepsEntriesOfDictionaryBatch() {
        try (DecoderProbe probe = new DecoderProbe().feed(Wire.DICTIONARY_SCHEMA, Wire.DICTIONARY_BATCH)) {
            IpcDictionaryBatch batch = probe.message(1, IpcDictionaryBatch.class);
            probe.messages.set(1, batch.editedApart(add("z", "1"), () -> {}, ALLOCATOR));
            IpcDictionaryBatch changed = setId(probe, 1, 8);

            assertThat(changed.customMetadata()).containsExactly(Map.entry("z", "1"));
            assertThat(changed.id()).isEqualTo(8);
        }
    }

    /** Edits message 1 of the probe, which then keeps the result. */
    static IpcRecordBatch edit(DecoderProbe probe, IpcMetadataEdit edit) {
        IpcRecordBatch edited = probe.message(1, IpcRecordBatch.class).edited(edit, ALLOCATOR);
        probe.messages.set(1, edited);
        return edited;
    }

    private static IpcDictionaryBatch setId(DecoderProbe probe, int index, long id) {
        IpcDictionaryBatch changed =
                probe.message(index, IpcDictionaryBatch.class).withId(id, ALLOCATOR);
        probe.messages.set(index, changed);
        return changed;
    }

    /** Returns an edit that strips nothing and adds keys and values in turn. */
    static IpcMetadataEdit add(String... entries) {
        Map<String, String> added = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            added.put(entries[i], entries[i + 1]);
        }
        return new IpcMetadataEdit("none begins with this", added);
    }

    /** Asserts that the old metadata is the tail of the new, on an 8-byte boundary, and the body is the same. */
    static void assertReRooted(IpcMessage edited, byte[] old) {
        int oldBytes = metadataBytes(old);
        byte[] oldMetadata = Arrays.copyOfRange(old, 8, 8 + oldBytes);
        byte[] metadata = ByteBufUtil.getBytes(edited.metadata());
        assertThat(metadata.length).isGreaterThan(oldBytes);
        assertThat(metadata.length % 8).isZero();
        assertThat(Arrays.copyOfRange(metadata, metadata.length - oldBytes, metadata.length))
                .isEqualTo(oldMetadata);
        assertThat(ByteBufUtil.getBytes(edited.body())).isEqualTo(Arrays.copyOfRange(old, 8 + oldBytes, old.length));
        byte[] frame = ByteBufUtil.getBytes(edited.frame());
        assertThat(Arrays.copyOf(frame, 4)).containsOnly(-1);
        assertThat(metadataBytes(frame)).isEqualTo(metadata.length);
        assertThat(frame.length).isEqualTo(8 + metadata.length + edited.body().readableBytes());
    }

    private static int metadataBytes(byte[] frame) {
        return ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    }

    private static void assertShares(ByteBuf old, IpcMessage edited, boolean isShared) {
        ByteBuf body = edited.body();
        int value = body.getInt(0);
        body.setInt(0, ~value);
        int oldValue = old.getInt(old.writerIndex() - body.readableBytes());
        body.setInt(0, value);
        assertThat(oldValue).isEqualTo(isShared ? ~value : value);
    }
}
