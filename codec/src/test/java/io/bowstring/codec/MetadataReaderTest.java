package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads at and beyond every edge. The bytes around the metadata are readable too, and must not be read. */
class MetadataReaderTest {
    private static final String OUTSIDE = " (expected: forward, inside the metadata)";

    /** A table with one field of each width, a table, a vector and a string. */
    private static final byte[] TABLE = Wire.bytes("""
            18 00 00 00              //  0 root: table at 0 + 24
            12 00 1C 00              //  4 vtable: 18 bytes, of a table of 28 bytes
            04 00                    //  8   field 0, a byte, at 4
            06 00                    // 10   field 1, a short, at 6
            10 00                    // 12   field 2, an int, at 16
            14 00                    // 14   field 3, a table, at 20
            18 00                    // 16   field 4, a string, at 24
            08 00                    // 18   field 5, a long, at 8
            00 00                    // 20   field 6, left out
            00 00                    // 22 padding
            14 00 00 00              // 24 table: its vtable at 24 - 20
            FE 00 FD FF              // 28   field 0: 254; field 1: -3
            FB FF FF FF FF FF FF FF  // 32   field 5: -5
            FC FF FF FF              // 40   field 2: -4
            0C 00 00 00              // 44   field 3: table at 44 + 12
            04 00 00 00              // 48   field 4: string at 48 + 4
            03 00 00 00              // 52 string: 3 bytes; 56 is also a table
            C3 A9 78 00              // 56   "éx", terminator
            """);

    @Test
    void readsFields() {
        MetadataReader in = reader(TABLE);
        int table = in.root();

        assertThat(table).isEqualTo(24);
        assertThat(in.uint8(table, 0)).isEqualTo(254);
        assertThat(in.int16(table, 1, 9)).isEqualTo(-3);
        assertThat(in.int32(table, 2, 9)).isEqualTo(-4);
        assertThat(in.table(table, 3)).isEqualTo(56);
        assertThat(in.vector(table, 4, 1)).isEqualTo(52);
        assertThat(in.count(52)).isEqualTo(3);
        assertThat(in.string(52)).isEqualTo("éx");
        assertThat(in.int64(table, 5)).isEqualTo(-5);
        assertThat(in.field(table, 5, 8)).isEqualTo(32);
    }

    @ParameterizedTest
    @CsvSource({"6", "7", "8", "1000"}) // left out by a zero; the first behind the vtable; others behind it
    void readsDefaultsOfFieldsThatAreLeftOut(int field) {
        MetadataReader in = reader(TABLE);

        assertThat(in.uint8(24, field)).isZero();
        assertThat(in.int16(24, field, 9)).isEqualTo(9);
        assertThat(in.int32(24, field, 9)).isEqualTo(9);
        assertThat(in.int64(24, field)).isZero();
        assertThat(in.table(24, field)).isZero();
        assertThat(in.vector(24, field, 1)).isZero();
        assertThat(in.count(0)).isZero();
        assertThat(in.string(0)).isEmpty();
    }

    @Test
    void readsTextThatIsNotUtf8() {
        MetadataReader in = reader(Wire.with(TABLE, 56, "C3 28"));

        assertThat(in.string(in.vector(24, 4, 1))).isEqualTo("\uFFFD(x");
    }

    @ParameterizedTest
    @CsvSource({
        "00 00 00 00, 0", // itself
        "03 00 00 00, 3", // into the offset
        "39 00 00 00, 57", // one byte too few for a table
        "3C 00 00 00, 60", // behind the last byte
        "00 00 00 80, 2147483648",
        "FF FF FF FF, 4294967295",
    })
    void refusesRootOutside(String offset, long value) {
        assertMalformed(Wire.with(TABLE, 0, offset), MetadataReader::root, "offset: " + value + OUTSIDE);
    }

    @ParameterizedTest
    @CsvSource({"04 00 00 00, 4", "38 00 00 00, 56"})
    void findsRootAtTheEdges(String offset, int root) {
        assertThat(reader(Wire.with(TABLE, 0, offset)).root()).isEqualTo(root);
    }

    @Test
    void refusesMetadataTooShortForRoot() {
        assertMalformed(new byte[3], MetadataReader::root, "offset: 0 (expected: inside the metadata of 3 bytes)");
    }

    @ParameterizedTest
    @CsvSource({
        "19 00 00 00, -1",
        "FF FF FF 7F, -2147483623",
        "00 00 00 80, 2147483672",
        "DF FF FF FF, 57", // one byte too few for a vtable
        "00 00 00 00, 24", // the table is its own vtable, whose size is then 0
    })
    void refusesVtableOutside(String distance, long position) {
        String message = position == 24
                ? "vtable bytes: 0 (expected: even, >= 4, inside the metadata)"
                : "vtable: " + position + " (expected: inside the metadata of 60 bytes)";
        assertMalformed(Wire.with(TABLE, 24, distance), in -> in.uint8(24, 0), message);
    }

    @ParameterizedTest
    @CsvSource({"00 00, 0", "02 00, 2", "03 00, 3", "11 00, 17", "3A 00, 58", "FE FF, 65534"})
    void refusesVtableOfImpossibleSize(String size, int value) {
        String message = "vtable bytes: " + value + " (expected: even, >= 4, inside the metadata)";
        assertMalformed(Wire.with(TABLE, 4, size), in -> in.uint8(24, 0), message);
    }

    @Test
    void acceptsVtableThatReachesTheEndAndTheShortest() {
        assertThat(reader(Wire.with(TABLE, 4, "38 00")).uint8(24, 0)).isEqualTo(254);
        assertThat(reader(Wire.with(TABLE, 4, "04 00")).uint8(24, 0)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"03 00, 3", "25 00, 37", "FF FF, 65535"})
    void refusesTableOfImpossibleSize(String size, int value) {
        String message = "table bytes: " + value + " (expected: >= 4, inside the metadata)";
        assertMalformed(Wire.with(TABLE, 6, size), in -> in.uint8(24, 0), message);
    }

    @Test
    void acceptsTableThatReachesTheEnd() {
        assertThat(reader(Wire.with(TABLE, 6, "24 00")).uint8(24, 0)).isEqualTo(254);
    }

    @ParameterizedTest
    @CsvSource({"01 00, 1, 20", "03 00, 3, 20", "15 00, 21, 20", "FF FF, 65535, 20"})
    void refusesFieldOutsideTable(String offset, int value, int last) {
        String message = "field offset: " + value + " (expected: 4.." + last + ")";
        assertMalformed(Wire.with(TABLE, 18, offset), in -> in.int64(24, 5), message);
    }

    @ParameterizedTest
    @CsvSource({"0, 27", "1, 26", "2, 24"})
    void findsFieldAtTheEndOfTable(int field, int offset) {
        byte[] moved = Wire.with(TABLE, 8 + 2 * field, String.format("%02X", offset));
        byte[] tooFar = Wire.with(TABLE, 8 + 2 * field, String.format("%02X", offset + 1));
        int bytes = 28 - offset;

        assertThat(reader(moved).field(24, field, bytes)).isEqualTo(24 + offset);
        assertMalformed(
                tooFar,
                in -> in.field(24, field, bytes),
                "field offset: " + (offset + 1) + " (expected: 4.." + offset + ")");
    }

    @ParameterizedTest
    @CsvSource({"05 00 00 00, 5, 1", "FF FF FF FF, 4294967295, 1", "00 00 00 80, 2147483648, 8", "01 00 00 00, 1, 8"})
    void refusesVectorThatReachesBeyond(String count, long value, int elementBytes) {
        String message = "vector count: " + value + " (expected: a vector inside the metadata)";
        assertMalformed(Wire.with(TABLE, 52, count), in -> in.vector(24, 4, elementBytes), message);
    }

    @Test
    void refusesCountWhoseBytesOverflow() {
        // 0x20000000 elements of 16 bytes are 0 bytes in 32-bit arithmetic
        String message = "vector count: 536870912 (expected: a vector inside the metadata)";
        assertMalformed(Wire.with(TABLE, 52, "00 00 00 20"), in -> in.vector(24, 4, 16), message);
    }

    @Test
    void acceptsVectorThatReachesTheEnd() {
        assertThat(reader(TABLE).vector(24, 4, 1)).isEqualTo(52);
        assertThat(reader(Wire.with(TABLE, 52, "01 00 00 00")).vector(24, 4, 4)).isEqualTo(52);
        byte[] empty = Wire.with(TABLE, 56, "00 00 00 00");
        assertThat(reader(Wire.with(empty, 48, "08 00 00 00")).vector(24, 4, 4)).isEqualTo(56);
    }

    @Test
    void refusesVectorOutside() {
        assertMalformed(Wire.with(TABLE, 48, "09 00 00 00"), in -> in.vector(24, 4, 1), "offset: 9" + OUTSIDE);
    }

    @Test
    void refusesTableOutside() {
        assertMalformed(Wire.with(TABLE, 44, "0D 00 00 00"), in -> in.table(24, 3), "offset: 13" + OUTSIDE);
    }

    @ParameterizedTest
    @CsvSource({"19, 25", "1A, 26"})
    void refusesTableThatIsNotAligned(String offset, int position) {
        String message = "offset target: " + position + " (expected: a multiple of 4)";
        assertMalformed(Wire.with(TABLE, 0, offset), MetadataReader::root, message);
    }

    @Test
    void refusesVtableThatIsNotAligned() {
        byte[] moved = Wire.with(Wire.with(TABLE, 5, "12 00 1C 00"), 24, "13");

        assertMalformed(moved, in -> in.uint8(24, 0), "vtable: 5 (expected: a multiple of 2)");
    }

    @ParameterizedTest
    @CsvSource({"07, 31, 2", "06, 30, 4", "0C, 36, 8"})
    void refusesFieldThatIsNotAligned(String offset, int position, int bytes) {
        byte[] moved = Wire.with(TABLE, 18, offset);

        assertThat(reader(moved).field(24, 5, bytes / 2)).isEqualTo(position);
        assertMalformed(
                moved, in -> in.field(24, 5, bytes), "field: " + position + " (expected: a multiple of " + bytes + ")");
    }

    @Test
    void refusesVectorThatIsNotAligned() {
        byte[] moved = Wire.with(TABLE, 48, "06");

        assertMalformed(moved, in -> in.vector(24, 4, 4), "offset target: 54 (expected: a multiple of 4)");
    }

    @ParameterizedTest
    @CsvSource({"8", "16", "24"})
    void refusesLongsOfVectorThatAreNotAligned(int elementBytes) {
        byte[] longer = Arrays.copyOf(TABLE, 60 + elementBytes);
        byte[] moved = Wire.with(Wire.with(longer, 56, "01 00 00 00"), 48, "08");

        assertMalformed(moved, in -> in.vector(24, 4, elementBytes), "vector elements: 60 (expected: a multiple of 8)");
    }

    /** Flatbuffer writers align the elements that there are: pyarrow leaves the nodes of no columns where they fall. */
    @ParameterizedTest
    @CsvSource({"04, 52", "08, 56"})
    void readsEmptyVectorsOfLongsAtAnyMultipleOfFour(String offset, int vector) {
        byte[] empty = Wire.with(TABLE, 48, offset + " 00 00 00 00 00 00 00 00 00 00 00");

        assertThat(reader(empty).vector(24, 4, 16)).isEqualTo(vector);
    }

    /** Of what it has read before nothing must be left: neither bytes nor the vtable that it has checked. */
    @Test
    void goesFromOneMetadataToTheNext() {
        byte[] other = Wire.with(TABLE, TABLE.length - 1, "01");
        MetadataReader in = reader(Wire.concat(other, other));
        assertThat(in.uint8(24, 0)).isEqualTo(254);

        in.load(Unpooled.wrappedBuffer(Wire.concat(new byte[8], TABLE)), 8, TABLE.length);
        assertThat(in.length()).isEqualTo(TABLE.length);
        assertThat(in.uint8(24, 0)).isEqualTo(254);
        assertThat(in.bytes()).startsWith(TABLE);

        in.load(Unpooled.wrappedBuffer(new byte[2]), 0, 2);
        assertThatThrownBy(() -> in.uint8(24, 0)).isInstanceOf(IpcException.class);
    }

    @Test
    void marksWhatLeadsFromOnePlaceToTheNext() {
        MetadataReader in = reader(TABLE);
        in.uint8(24, 0); // its vtable need not be checked again
        byte[] marks = new byte[TABLE.length];

        in.mark(marks);
        in.int64(24, 5);
        in.mark(null);
        in.uint8(24, 0);

        List<Integer> marked = IntStream.range(0, marks.length)
                .filter(i -> marks[i] != 0)
                .boxed()
                .toList();
        assertThat(marked).containsExactly(4, 5, 6, 7, 18, 19, 24, 25, 26, 27); // not the value, at 32
    }

    @Test
    void keepsNoLongCopy() {
        MetadataReader in = new MetadataReader(Unpooled.wrappedBuffer(new byte[8193]), 0, 8193);
        in.trim();
        assertThat(in.bytes()).isEmpty();

        in.load(Unpooled.wrappedBuffer(new byte[8192]), 0, 8192).trim();
        assertThat(in.bytes()).hasSize(8192);
    }

    /** What a refused table left behind must not answer for the table that was read before it. */
    @Test
    void readsTableAgainAfterARefusal() {
        MetadataReader in = reader(Wire.with(TABLE, 56, "00 00 00 00"));
        assertThat(in.uint8(24, 0)).isEqualTo(254);

        assertThatThrownBy(() -> in.uint8(56, 0)).isInstanceOf(IpcException.class);

        assertThat(in.uint8(24, 0)).isEqualTo(254);
    }

    @ParameterizedTest
    @CsvSource({"02, 58", "04, 60"}) // the byte behind it is not zero; it reaches the end
    void refusesStringWithoutTerminator(String count, int end) {
        String message = "end of string: " + end + " (expected: a zero byte)";
        assertMalformed(Wire.with(TABLE, 52, count), in -> in.vector(24, 4, 1), message);
    }

    @Test
    void readsElements() {
        byte[] vector = Wire.bytes("""
                00 00 00 00              //  0 padding
                02 00 00 00              //  4 vector: 2 elements
                08 00 00 00 07 00 00 00  //  8   8 (a table at 8 + 8), 7
                01 00 00 00 02 00 00 00  // 16
                """);
        MetadataReader in = reader(vector);

        assertThat(in.tableAt(4, 0)).isEqualTo(16);
        assertThat(in.int32(4 + 4 + 4)).isEqualTo(7);
        assertThat(in.int32(20)).isEqualTo(2);
        assertThat(in.int64At(4, 1)).isEqualTo(0x2_0000_0001L);
        assertMalformed(Wire.with(vector, 12, "0A"), from -> from.tableAt(4, 1), "offset: 10" + OUTSIDE);
        String inside = " (expected: inside the metadata of 24 bytes)";
        assertMalformed(vector, from -> from.uint8(21, 0), "table: 21" + inside);
    }

    private static MetadataReader reader(byte[] metadata) {
        byte[] around = {-1, -1, -1, -1, -1};
        return new MetadataReader(
                Unpooled.wrappedBuffer(Wire.concat(around, metadata, around)), around.length, metadata.length);
    }

    private static void assertMalformed(byte[] metadata, ToLongFunction<MetadataReader> read, String message) {
        assertThatThrownBy(() -> read.applyAsLong(reader(metadata)))
                .isInstanceOf(IpcException.class)
                .hasMessage(message)
                .extracting(e -> ((IpcException) e).code())
                .isEqualTo(IpcErrorCode.MALFORMED);
    }
}
