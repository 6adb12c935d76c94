package io.bowstring.codec;

import static io.bowstring.codec.BatchBytes.V4;
import static io.bowstring.codec.BatchBytes.V5;
import static io.bowstring.codec.IpcTypeId.BINARY;
import static io.bowstring.codec.IpcTypeId.BINARY_VIEW;
import static io.bowstring.codec.IpcTypeId.DATE;
import static io.bowstring.codec.IpcTypeId.DECIMAL;
import static io.bowstring.codec.IpcTypeId.DURATION;
import static io.bowstring.codec.IpcTypeId.FIXED_SIZE_BINARY;
import static io.bowstring.codec.IpcTypeId.FIXED_SIZE_LIST;
import static io.bowstring.codec.IpcTypeId.FLOATING_POINT;
import static io.bowstring.codec.IpcTypeId.INT;
import static io.bowstring.codec.IpcTypeId.INTERVAL;
import static io.bowstring.codec.IpcTypeId.LARGE_BINARY;
import static io.bowstring.codec.IpcTypeId.LARGE_LIST;
import static io.bowstring.codec.IpcTypeId.LARGE_LIST_VIEW;
import static io.bowstring.codec.IpcTypeId.LARGE_UTF8;
import static io.bowstring.codec.IpcTypeId.LIST;
import static io.bowstring.codec.IpcTypeId.LIST_VIEW;
import static io.bowstring.codec.IpcTypeId.MAP;
import static io.bowstring.codec.IpcTypeId.NULL;
import static io.bowstring.codec.IpcTypeId.RUN_END_ENCODED;
import static io.bowstring.codec.IpcTypeId.STRUCT;
import static io.bowstring.codec.IpcTypeId.TIME;
import static io.bowstring.codec.IpcTypeId.TIMESTAMP;
import static io.bowstring.codec.IpcTypeId.UNION;
import static io.bowstring.codec.IpcTypeId.UTF8;
import static io.bowstring.codec.IpcTypeId.UTF8_VIEW;
import static io.bowstring.codec.StructureProbe.assertAccepted;
import static io.bowstring.codec.StructureProbe.assertMalformed;
import static io.bowstring.codec.StructureProbe.encoded;
import static io.bowstring.codec.StructureProbe.field;
import static io.bowstring.codec.StructureProbe.required;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The buffers of each type and the least length of each. */
@ExtendWith(LeakDetection.class)
class BatchLayoutTest {
    private static final int ROWS = 9;
    private static final IpcField NOTHING = field(IpcType.of(NULL));
    private static final IpcField INT16 = required(IpcType.of(INT, 16, 1));

    /** A column of 9 values: nodes besides its own, and the least bytes of each buffer. */
    record Layout(int version, IpcField field, int[] children, int... bytes) {
        /** Returns the batch with {@code missing} bytes of one buffer missing. */
        byte[] batch(int shortBuffer, int missing) {
            BatchBytes batch = new BatchBytes(ROWS).version(version).node(ROWS, hasValidity() ? 1 : 0);
            Arrays.stream(children).forEach(length -> batch.node(length, 0));
            for (int i = 0; i < bytes.length; i++) {
                batch.buffers(bytes[i] - (i == shortBuffer ? missing : 0));
            }
            IpcTypeId id = field.type().id();
            boolean isView = id == UTF8_VIEW || id == BINARY_VIEW;
            return (isView && field.dictionary() == null ? batch.variadic(0) : batch).message();
        }

        private boolean hasValidity() {
            return bytes.length > 0 && bytes[0] == 2;
        }

        @Override
        public String toString() {
            return field.type() + " " + Arrays.toString(bytes);
        }
    }

    static Stream<Layout> layouts() {
        return Stream.of(fixedLayouts(), nestedLayouts(), versionLayouts()).flatMap(layouts -> layouts);
    }

    private static Stream<Layout> fixedLayouts() {
        return Stream.of(
                plain(IpcType.of(NULL)),
                plain(IpcType.BOOL, 2, 2),
                plain(IpcType.of(INT, 8, 1), 2, 9),
                plain(IpcType.of(INT, 16, 0), 2, 18),
                plain(IpcType.of(INT, 32, 1), 2, 36),
                plain(IpcType.of(INT, 64, 0), 2, 72),
                plain(IpcType.of(FLOATING_POINT, 0), 2, 18),
                plain(IpcType.of(FLOATING_POINT, 1), 2, 36),
                plain(IpcType.of(FLOATING_POINT, 2), 2, 72),
                plain(IpcType.of(DECIMAL, 9, 2, 32), 2, 36),
                plain(IpcType.of(DECIMAL, 18, 2, 64), 2, 72),
                plain(IpcType.of(DECIMAL, 38, 2, 128), 2, 144),
                plain(IpcType.of(DECIMAL, 76, 2, 256), 2, 288),
                plain(IpcType.of(DATE, 0), 2, 36),
                plain(IpcType.of(DATE, 1), 2, 72),
                plain(IpcType.of(TIME, 0, 32), 2, 36),
                plain(IpcType.of(TIME, 3, 64), 2, 72),
                plain(IpcType.of(TIMESTAMP, 2), 2, 72),
                plain(IpcType.of(DURATION, 1), 2, 72),
                plain(IpcType.of(INTERVAL, 0), 2, 36),
                plain(IpcType.of(INTERVAL, 1), 2, 72),
                plain(IpcType.of(INTERVAL, 2), 2, 144),
                plain(IpcType.of(FIXED_SIZE_BINARY, 3), 2, 27),
                plain(IpcType.of(FIXED_SIZE_BINARY, 0), 2, 0),
                plain(IpcType.of(UTF8), 2, 40, 0),
                plain(IpcType.of(BINARY), 2, 40, 0),
                plain(IpcType.of(LARGE_UTF8), 2, 80, 0),
                plain(IpcType.of(LARGE_BINARY), 2, 80, 0),
                plain(IpcType.of(UTF8_VIEW), 2, 144),
                plain(IpcType.of(BINARY_VIEW), 2, 144));
    }

    private static Stream<Layout> nestedLayouts() {
        IpcField entries = required(IpcType.of(STRUCT), required(IpcType.of(NULL)), NOTHING);
        return Stream.of(
                nested(IpcType.of(LIST), 0, 2, 40),
                nested(IpcType.of(LARGE_LIST), 0, 2, 80),
                nested(IpcType.of(LIST_VIEW), 0, 2, 36, 36),
                nested(IpcType.of(LARGE_LIST_VIEW), 0, 2, 72, 72),
                nested(IpcType.of(FIXED_SIZE_LIST, 3), 27, 2),
                nested(IpcType.of(FIXED_SIZE_LIST, 0), 0, 2),
                nested(IpcType.of(STRUCT), ROWS, 2),
                new Layout(V5, field(IpcType.of(STRUCT)), new int[0], 2),
                new Layout(V5, field(IpcType.of(MAP, 0), entries), new int[] {1, 1, 1}, 2, 40, 0),
                new Layout(V5, field(IpcType.of(RUN_END_ENCODED), INT16, NOTHING), new int[] {2, 2}, 0, 4),
                new Layout(V5, encoded(1, IpcType.of(UTF8_VIEW)), new int[0], 2, 9),
                new Layout(V5, encoded(1, IpcType.of(LIST), NOTHING), new int[0], 2, 9));
    }

    private static Stream<Layout> versionLayouts() {
        IpcType sparse = IpcType.of(UNION, 0, 5);
        IpcType dense = IpcType.of(UNION, 1, 5);
        return Stream.of(
                new Layout(V5, field(sparse, NOTHING), new int[] {ROWS}, 9),
                new Layout(V5, field(dense, NOTHING), new int[] {0}, 9, 36),
                new Layout(V4, field(sparse, NOTHING), new int[] {ROWS}, 2, 9),
                new Layout(V4, field(dense, NOTHING), new int[] {0}, 2, 9, 36),
                new Layout(V4, field(IpcType.INT32), new int[0], 2, 36),
                new Layout(V4, NOTHING, new int[0]),
                new Layout(V4, field(IpcType.of(RUN_END_ENCODED), INT16, NOTHING), new int[] {2, 2}, 0, 0, 4));
    }

    private static Layout plain(IpcType type, int... bytes) {
        return new Layout(V5, field(type), new int[0], bytes);
    }

    private static Layout nested(IpcType type, int childLength, int... bytes) {
        return new Layout(V5, field(type, NOTHING), new int[] {childLength}, bytes);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void acceptsBuffersThatAreJustLongEnough(Layout layout) {
        assertAccepted(layout.field(), layout.batch(-1, 0));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void refusesBufferThatIsOneByteTooShort(Layout layout) {
        for (int i = 0; i < layout.bytes().length; i++) {
            int least = layout.bytes()[i];
            if (least > 0) {
                String message = "bytes of buffer " + i + ": " + (least - 1) + " (expected: >= " + least + ")";
                assertMalformed(layout.field(), layout.batch(i, 1), message);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void refusesOneBufferTooMany(Layout layout) {
        int bytes = layout.bytes().length;
        Layout longer = new Layout(
                layout.version(), layout.field(), layout.children(), Arrays.copyOf(layout.bytes(), bytes + 1));

        assertMalformed(
                layout.field(),
                longer.batch(-1, 0),
                "buffers: " + (bytes + 1) + " (expected: " + bytes + ", as the schema implies)");
    }

    @Test
    void acceptsEmptyOffsetsOfNoRows() {
        IpcField text = field(IpcType.UTF8);
        IpcField largeList = field(IpcType.of(LARGE_LIST), NOTHING);

        assertAccepted(text, new BatchBytes(0).node(0, 0).buffers(0, 0, 0).message()); // old Java
        assertAccepted(text, new BatchBytes(0).node(0, 0).buffers(0, 4, 0).message());
        assertMalformed(
                text, new BatchBytes(0).node(0, 0).buffers(0, 3, 0).message(), "bytes of buffer 1: 3 (expected: >= 4)");
        assertAccepted(
                largeList, new BatchBytes(0).node(0, 0).node(0, 0).buffers(0, 0).message());
        assertMalformed(
                largeList,
                new BatchBytes(0).node(0, 0).node(0, 0).buffers(0, 7).message(),
                "bytes of buffer 1: 7 (expected: >= 8)");
        assertMalformed(
                text, new BatchBytes(1).node(1, 0).buffers(0, 0, 0).message(), "bytes of buffer 1: 0 (expected: >= 8)");
    }

    @Test
    void acceptsNoColumns() {
        assertAccepted(StructureProbe.schema(), new BatchBytes(5).message());
    }

    @Test
    void acceptsMoreColumnsThanTheInitialRoom() {
        IpcField[] fields = new IpcField[40];
        Arrays.fill(fields, field(IpcType.UTF8));
        BatchBytes batch = new BatchBytes(1);
        for (int i = 0; i < fields.length; i++) {
            batch.node(1, 0).buffers(0, 8, 1);
        }

        assertAccepted(StructureProbe.schema(fields), batch.message());
    }
}
