package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.PlainBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The columns of a stream of a {@link ModelDriver}, each of which has values of its own. Columns may share a dictionary. Immutable.
 *
 * @param kinds a letter for each column: {@code p} is plain, {@code a} and {@code b} have a dictionary each, and {@code A} and
 *     {@code B} are structs of such a column
 * @param ids of the dictionaries
 */
record ModelColumns(String kinds, List<Long> ids) {
    /** How many columns there are at most. */
    static final int MAX = 4;

    /** How many dictionaries there are at most. */
    static final int DICTIONARIES = 2;

    /** Draws the kinds of a topic's columns, at least one; the first with a dictionary has {@code a}. */
    static String drawKinds(SplittableRandom random) {
        StringBuilder kinds = new StringBuilder();
        for (int i = random.nextInt(MAX); i >= 0; i--) {
            boolean hasDictionary = kinds.chars().anyMatch(kind -> kind != 'p');
            kinds.append((hasDictionary ? "pabAB" : "paA").charAt(random.nextInt(hasDictionary ? 5 : 3)));
        }
        return kinds.toString();
    }

    /** Draws the ids that one publisher gives its dictionaries. */
    static ModelColumns draw(String kinds, SplittableRandom random) {
        long id = random.nextInt(3);
        return new ModelColumns(kinds, List.of(id, (id + 1 + random.nextInt(2)) % 3));
    }

    int count() {
        return kinds.length();
    }

    /** Returns the indices of all columns. */
    List<Integer> all() {
        return IntStream.range(0, count()).boxed().toList();
    }

    /** Returns the name of a column. */
    static String name(int column) {
        return "c" + column;
    }

    /** Returns which dictionary a column has, from 0 on; -1 for none. */
    private int dictionary(int column) {
        return "ab".indexOf(Character.toLowerCase(kinds.charAt(column)));
    }

    private boolean isStruct(int column) {
        return Character.isUpperCase(kinds.charAt(column));
    }

    /** Returns which dictionaries there are, from 0 on. */
    List<Integer> dictionaries() {
        return all().stream()
                .map(this::dictionary)
                .filter(any -> any >= 0)
                .distinct()
                .toList();
    }

    /** Returns the ids of the dictionaries that some columns need. */
    Set<Long> dictionaryIds(List<Integer> columns) {
        Set<Long> needed = new HashSet<>();
        for (int column : columns) {
            if (dictionary(column) >= 0) {
                needed.add(ids.get(dictionary(column)));
            }
        }
        return needed;
    }

    /** Returns the fields of some columns. */
    List<IpcField> fields(List<Integer> columns) {
        return columns.stream().map(this::field).toList();
    }

    private IpcField field(int column) {
        if (dictionary(column) < 0) {
            return IpcField.of(name(column), false, IpcType.INT64);
        }
        long id = ids.get(dictionary(column));
        return isStruct(column)
                ? new IpcField(
                        name(column), false, IpcType.of(IpcTypeId.STRUCT), null, List.of(Messages.encoded("inner", id)))
                : Messages.encoded(name(column), id);
    }

    /** Returns a batch, owned, that has a value of each column in all of its rows; also where it has no rows it has one there. */
    IpcRecordBatch batch(int rows, long value, ByteBufAllocator allocator) {
        List<PlainBatch.Node> nodes = new ArrayList<>();
        List<ByteBuf> buffers = new ArrayList<>();
        for (int column : all()) {
            if (isStruct(column)) {
                nodes.add(new PlainBatch.Node(rows, 0));
                buffers.add(Unpooled.EMPTY_BUFFER);
            }
            nodes.add(new PlainBatch.Node(rows, 0));
            buffers.add(Unpooled.EMPTY_BUFFER);
            ByteBuf values = Unpooled.buffer();
            for (int row = 0; row < Math.max(1, rows); row++) {
                values.writeLongLE(cell(column, value));
            }
            buffers.add(values);
        }
        return PlainBatch.of(rows, nodes, buffers, allocator);
    }

    /** Returns the value that a batch, borrowed, of all columns was made of. */
    long value(IpcRecordBatch batch) {
        return batch.buffer(isStruct(0) ? 2 : 1, Long.BYTES).readLongLE() / MAX;
    }

    private static long cell(int column, long value) {
        return value * MAX + column;
    }

    /** Returns whether a batch, borrowed, has some of the columns of the batch of a value, and so many rows. */
    boolean isOf(IpcRecordBatch batch, List<Integer> columns, int rows, long value) {
        int buffers = 0;
        for (int column : columns) {
            buffers += isStruct(column) ? 3 : 2;
            ByteBuf values = batch.buffer(buffers - 1, Long.BYTES * Math.max(1, rows));
            while (values.isReadable()) {
                if (values.readLongLE() != cell(column, value)) {
                    return false;
                }
            }
        }
        return batch.rowCount() == rows;
    }
}
