package io.bowstring.codec;

import static io.bowstring.codec.Metadata.CHILDREN;
import static io.bowstring.codec.Metadata.ENTRIES;
import static io.bowstring.codec.Metadata.LEFT_OUT;
import static io.bowstring.codec.Metadata.NAME;
import static io.bowstring.codec.SchemaLimitsTest.assertError;
import static io.bowstring.codec.SchemaLimitsTest.assertTooLarge;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Schemas whose fields share their parts: small ones would expand into large ones, or have no end. */
@ExtendWith(LeakDetection.class)
class SharedSchemaPartsTest {
    @Test
    void refusesSharedChildrenThatMultiply() {
        Metadata metadata = new Metadata();
        int vector = metadata.fields(2);
        for (int level = 0; level < 60; level++) { // 2 to the 60th leaves
            int field = metadata.field(LEFT_OUT, CHILDREN, LEFT_OUT);
            metadata.pointAll(vector, 2, field);
            vector = metadata.out.offsets(2);
            metadata.out.point(field + CHILDREN, vector);
        }
        metadata.pointAll(vector, 2, metadata.field(LEFT_OUT, LEFT_OUT, LEFT_OUT));

        assertTooLarge(IpcLimits.DEFAULTS, metadata.message(), "fields: 372 (expected: <= 371)");
    }

    @Test
    void refusesOneFieldInTooManyPlaces() {
        Metadata metadata = new Metadata();
        int vector = metadata.fields(10_001);
        metadata.pointAll(vector, 10_001, metadata.field(LEFT_OUT, LEFT_OUT, LEFT_OUT));

        assertTooLarge(IpcLimits.DEFAULTS, metadata.message(), "fields: 10001 (expected: <= 3344)");
    }

    @Test
    void boundsFieldsByTheRoomInTheMetadata() {
        try (DecoderProbe probe = new DecoderProbe().feed(oneFieldManyTimes(16))) { // 192 bytes, 12 a field
            assertThat(probe.message(0, IpcSchema.class).fields()).hasSize(16);
        }
        assertTooLarge(IpcLimits.DEFAULTS, oneFieldManyTimes(17), "fields: 17 (expected: <= 16)"); // 200 bytes
    }

    private static byte[] oneFieldManyTimes(int times) {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(times);
        metadata.pointAll(fields, times, metadata.field(LEFT_OUT, LEFT_OUT, LEFT_OUT));
        return metadata.message();
    }

    @Test
    void refusesChildThatPointsToItselfOrItsParent() {
        byte[] itself = childAt(0);
        byte[] parent = childAt(-40);

        assertMalformed(itself, "offset: 0 (expected: forward, inside the metadata)");
        assertMalformed(parent, "offset: " + Integer.toUnsignedLong(-40) + " (expected: forward, inside the metadata)");
    }

    /** Returns a schema of one field whose only child is so many bytes from the offset to it. */
    private static byte[] childAt(int bytes) {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(1);
        int field = metadata.field(LEFT_OUT, CHILDREN, LEFT_OUT);
        metadata.pointAll(fields, 1, field);
        int children = metadata.out.offsets(1);
        metadata.out.point(field + CHILDREN, children);
        metadata.out.point(children + 4, children + 4 + bytes);
        assertThat(children + 4 - 40).isEqualTo(field);
        return metadata.message();
    }

    @Test
    void refusesLongNameThatIsSharedByManyFields() {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(100);
        int field = metadata.field(NAME, LEFT_OUT, LEFT_OUT);
        metadata.pointAll(fields, 100, field);
        metadata.out.point(field + NAME, metadata.out.string("n".repeat(1000)));
        byte[] message = metadata.message();

        int budget = message.length - 8 + (64 << 10);
        int spent = (budget / 1000 + 1) * 1000;
        String error = "schema string bytes: " + spent + " (expected: <= " + budget + ")";
        assertTooLarge(IpcLimits.DEFAULTS, message, error);
    }

    @Test
    void refusesTypeIdsThatAreSharedByManyUnions() {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(100);
        int field = metadata.field(IpcTypeId.UNION, LEFT_OUT, LEFT_OUT, LEFT_OUT);
        metadata.pointAll(fields, 100, field);
        int union = metadata.out.table(8, 0, 4);
        metadata.out.point(field + 20, union);
        metadata.out.point(union + 4, sevens(metadata.out, 250));
        byte[] message = metadata.message();

        int budget = message.length - 8 + (64 << 10);
        int spent = (budget / 1000 + 1) * 1000;
        String error = "schema string bytes: " + spent + " (expected: <= " + budget + ")";
        assertTooLarge(IpcLimits.DEFAULTS, message, error);
    }

    @Test
    void refusesEntriesThatAreSharedByManyFields() {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(500);
        int field = metadata.field(LEFT_OUT, LEFT_OUT, ENTRIES);
        metadata.pointAll(fields, 500, field);
        int entries = metadata.out.offsets(1000);
        metadata.out.point(field + ENTRIES, entries);
        metadata.pointAll(entries, 1000, CustomMetadata.write(metadata.out, Map.entry("k", "v")));
        byte[] message = metadata.message();

        int left = (message.length - 8) / 4 % 1000;
        assertTooLarge(IpcLimits.DEFAULTS, message, "custom_metadata entries: 1000 (expected: <= " + left + ")");
    }

    @Test
    void readsTheEntriesOfFieldsInTheOrderOfTheirNodes() {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(2);
        int parent = metadata.field(LEFT_OUT, CHILDREN, LEFT_OUT);
        metadata.out.point(fields + 4, parent);
        int children = metadata.out.offsets(2);
        metadata.out.point(parent + CHILDREN, children);
        int child = metadata.field(LEFT_OUT, LEFT_OUT, ENTRIES);
        metadata.pointAll(children, 2, child);
        pointToEntries(metadata, child, "a", "1", "b", "2", "a", "3");
        int last = metadata.field(LEFT_OUT, LEFT_OUT, ENTRIES);
        metadata.out.point(fields + 8, last);
        pointToEntries(metadata, last, "c", "");

        try (DecoderProbe probe = new DecoderProbe().feed(metadata.message())) {
            Map<String, String> ofChild = Map.of("a", "1", "b", "2");
            assertThat(probe.message(0, IpcSchema.class).fieldMetadata())
                    .containsExactly(Map.of(), ofChild, ofChild, Map.of("c", ""));
        }
    }

    @Test
    void refusesLongEntriesThatAreSharedByManyFields() {
        Metadata metadata = new Metadata();
        int fields = metadata.fields(100);
        int field = metadata.field(LEFT_OUT, LEFT_OUT, ENTRIES);
        metadata.pointAll(fields, 100, field);
        pointToEntries(metadata, field, "", "v".repeat(1000));
        byte[] message = metadata.message();

        int budget = message.length - 8 + (64 << 10);
        String error = "schema string bytes: " + (budget / 1000 + 1) * 1000 + " (expected: <= " + budget + ")";
        assertTooLarge(IpcLimits.DEFAULTS, message, error);
    }

    private static void pointToEntries(Metadata metadata, int field, String... keysAndValues) {
        int entries = metadata.out.offsets(keysAndValues.length / 2);
        metadata.out.point(field + ENTRIES, entries);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            int entry = CustomMetadata.write(metadata.out, Map.entry(keysAndValues[i], keysAndValues[i + 1]));
            metadata.out.point(entries + 4 + 2 * i, entry);
        }
    }

    private static void assertMalformed(byte[] schema, String message) {
        try (DecoderProbe probe = new DecoderProbe().feed(schema)) {
            assertError(probe.error(), IpcErrorCode.MALFORMED, message);
        }
    }

    /** Writes a vector of sevens; returns its position. */
    private static int sevens(MetadataWriter out, int count) {
        int vector = out.offsets(count);
        for (int i = 0; i < count; i++) {
            out.int32(vector + 4 + 4 * i, 7);
        }
        return vector;
    }
}
