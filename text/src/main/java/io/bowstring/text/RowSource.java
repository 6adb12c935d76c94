package io.bowstring.text;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.BatchWriterConfig;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/**
 * A text file as batches of rows. The rows of the first batch say what the types of the columns are; what does not fit
 * later is an error, so that nothing is lost. Holds one batch at a time. Owns Arrow memory and its input. Confined to the
 * caller's thread.
 */
public final class RowSource implements AutoCloseable {
    /** A batch ends with the row that reaches this: four bytes each are still far below a server's limit. */
    private static final long MAX_BATCH_CHARS = 4 << 20;

    private final String name;
    private final RowReader rows;
    private final BooleanSupplier isCut;
    private final RowConfig config;
    private final Queue<Row> firstRows = new ArrayDeque<>();
    private final List<String> names;
    private final List<ColumnType> types;
    private final BufferAllocator allocator;
    private final VectorSchemaRoot batch;
    private final BatchWriter writer;
    private final IpcSchema schema;
    private boolean hasEnded;
    private @Nullable Throwable failure;
    private boolean isClosed;

    /**
     * Reads the first batch.
     *
     * @param name for messages to the user
     * @param rows is closed with this source
     * @param isCut whether what the rows are read from has been ended by a stop, maybe inside of a row
     * @throws TextException if the rows do not fit together, or there are none and not all types are given
     */
    private RowSource(String name, RowReader rows, BooleanSupplier isCut, RowConfig config) {
        this.name = name;
        this.rows = rows;
        this.isCut = isCut;
        this.config = config;
        TypeInference inference = readFirstRows();
        boolean hasNames = !firstRows.isEmpty() || !rows.columns().isEmpty();
        this.names = hasNames ? rows.columns() : List.copyOf(config.types().keySet());
        requireTypes();
        this.types = hasNames ? inference.types() : List.copyOf(config.types().values());
        this.allocator = new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
        List<FieldVector> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            columns.add(types.get(i).field(names.get(i)).createVector(allocator));
        }
        this.batch = new VectorSchemaRoot(columns);
        this.writer = new BatchWriter(
                batch.getSchema(),
                new DictionaryProvider.MapDictionaryProvider(),
                BatchWriterConfig.DEFAULTS,
                ByteBufAllocator.DEFAULT);
        this.schema = writer.schema();
    }

    /**
     * Begins to read text, and reads its first batch.
     *
     * @param name for messages to the user
     * @param input is closed with the source, also where this throws
     * @throws TextException if it is not in the format
     */
    public static RowSource open(String name, InputStream input, RowConfig config) {
        return open(name, input, () -> false, config);
    }

    /**
     * Begins to read text that another thread may end, as above.
     *
     * @param isCut whether the input has been ended before its end, maybe inside of a row: then what is left of that row is
     *     dropped, and is no error
     */
    public static RowSource open(String name, InputStream input, BooleanSupplier isCut, RowConfig config) {
        try {
            RowReader rows = switch (config.format()) {
                case CSV -> new CsvRows(name, input, ',');
                case TSV -> new CsvRows(name, input, '\t');
                case JSON -> new JsonRows(name, input);
            };
            return new RowSource(name, rows, isCut, config);
        } catch (Throwable e) {
            closeRefused(input);
            throw e;
        }
    }

    private static void closeRefused(InputStream input) {
        try {
            input.close();
        } catch (IOException e) {
            // It was only read from.
        }
    }

    /**
     * Opens a text file, as above.
     *
     * @throws TextException also if there is no such file
     */
    public static RowSource open(Path path, RowConfig config) {
        try {
            return open(path.toString(), Files.newInputStream(path), config);
        } catch (NoSuchFileException e) {
            throw new TextException(path + ": no such file");
        } catch (IOException e) {
            throw new TextException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private TypeInference readFirstRows() {
        TypeInference inference = new TypeInference(rows.columns(), config.types());
        long chars = 0;
        while (firstRows.size() < config.batchRows() && chars < MAX_BATCH_CHARS) {
            Row row = nextRow();
            if (row == null) {
                break;
            }
            for (int i = 0; i < row.values().size(); i++) {
                TextValue value = row.value(i);
                if (!inference.add(i, value) && value != null) {
                    throw unfit(row, i, inference.describe(i, value));
                }
            }
            firstRows.add(row);
            chars += row.chars();
        }
        return inference;
    }

    /** Returns null after the last row, which is the last complete one where a stop has cut the input. */
    private @Nullable Row nextRow() {
        if (hasEnded) {
            return null;
        }
        try {
            return rows.next();
        } catch (TextException e) {
            if (!isCut.getAsBoolean()) {
                throw e;
            }
            hasEnded = true;
            return null;
        }
    }

    /** Checks that the types of all columns can be known, and that those that are given are those of columns. */
    private void requireTypes() {
        if (firstRows.isEmpty() && (names.isEmpty() || !config.types().keySet().containsAll(names))) {
            throw new TextException(name + ": has no rows (expected: at least one, which says what the types of the"
                    + " columns are, or --type for each column)");
        }
        for (String column : config.types().keySet()) {
            if (!names.contains(column)) {
                throw new TextException(name + ": column " + TerminalText.excerpt(column)
                        + ": has a type and is not there (expected: one of "
                        + TerminalText.excerpt(String.join(", ", names)) + ")");
            }
        }
    }

    /** Returns the schema; borrowed, it lives until this source is closed. */
    public IpcSchema schema() {
        return schema;
    }

    /**
     * Returns the next batch, owned; null after the last.
     *
     * @throws TextException if the input cannot be read, is not in its format, or has a value that its column cannot hold.
     *     This and any other failure is thrown by all later calls
     */
    public @Nullable IpcMessage next() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (RuntimeException) failure;
        }
        try {
            return nextBatch();
        } catch (RuntimeException | Error e) {
            // The rows before it are in no batch: a caller that continued would miss them.
            failure = e;
            throw e;
        }
    }

    private @Nullable IpcMessage nextBatch() {
        int count = 0;
        long chars = 0;
        while (count < config.batchRows() && chars < MAX_BATCH_CHARS) {
            Row row = firstRows.isEmpty() ? nextRow() : firstRows.remove();
            if (row == null) {
                break;
            }
            write(row, count);
            chars += row.chars();
            count++;
        }
        if (count == 0) {
            return null;
        }
        batch.setRowCount(count);
        return writer.consume(batch, Map.of()).get(0); // there are no dictionaries
    }

    private void write(Row row, int index) {
        if (row.values().size() > types.size()) {
            throw unfit(row, types.size(), "a column that the first batch has");
        }
        for (int i = 0; i < types.size(); i++) {
            if (!types.get(i).write(batch.getVector(i), index, row.value(i))) {
                throw unfit(row, i, types.get(i) + (types.get(i).isGiven() ? "" : ", as in the first batch"));
            }
        }
    }

    private TextException unfit(Row row, int column, String rule) {
        TextValue value = row.value(column);
        return new TextException(name + ": line " + row.line() + ", column "
                + TerminalText.excerpt(rows.columns().get(column)) + ": "
                + (value == null ? "null" : TerminalText.excerpt(value.text())) + " (expected: " + rule + ")");
    }

    /** Releases the schema and closes the input. Idempotent. */
    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            rows.close();
            schema.release();
            writer.close();
            batch.close();
            allocator.close();
        }
    }
}
