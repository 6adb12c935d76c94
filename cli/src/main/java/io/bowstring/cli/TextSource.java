package io.bowstring.cli;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.text.RowConfig;
import io.bowstring.text.RowSource;
import io.bowstring.text.TextException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A text file as batches of rows. Owns a {@link RowSource}. Confined to the caller's thread. */
final class TextSource implements MessageInput {
    private final RowSource rows;

    private TextSource(RowSource rows) {
        this.rows = rows;
    }

    /**
     * Opens a text file.
     *
     * @param name for messages to the user
     * @param input is closed with the source, also where this throws
     * @throws CommandException if it is not in the format
     */
    static TextSource open(String name, InputStream input, RowConfig config) {
        BooleanSupplier isCut = input instanceof StoppableInput stoppable ? stoppable::isCut : () -> false;
        return new TextSource(told(() -> RowSource.open(name, input, isCut, config)));
    }

    /**
     * Opens a text file by its path, as above.
     *
     * @throws CommandException also if there is no such file
     */
    static TextSource open(Path path, RowConfig config) {
        return new TextSource(told(() -> RowSource.open(path, config)));
    }

    private static <T extends @Nullable Object> T told(Supplier<T> step) {
        try {
            return step.get();
        } catch (TextException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e); // it has one
        }
    }

    @Override
    public IpcSchema schema() {
        return rows.schema();
    }

    @Override
    public @Nullable IpcMessage next() {
        return told(rows::next);
    }

    /** Returns true: the formats have no mark for their end. */
    @Override
    public boolean isComplete() {
        return true;
    }

    @Override
    public void close() {
        rows.close();
    }
}
