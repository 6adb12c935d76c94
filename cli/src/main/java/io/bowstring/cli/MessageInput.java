package io.bowstring.cli;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.vector.IpcFileReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one input, taken one after another: those of an Arrow IPC stream or file, not decoded, or batches of the
 * rows of a text file. Confined to the caller's thread.
 */
sealed interface MessageInput extends AutoCloseable permits StreamSource, FileSource, TextSource {
    /**
     * Opens an Arrow IPC file in either format; what is not a regular file, a pipe for example, is a stream.
     *
     * @throws CommandException if there is no such file, or it is not in either format
     */
    static MessageInput open(Path path) {
        try {
            FileChannel channel = FileChannel.open(path);
            return Files.isRegularFile(path) && IpcFileReader.hasMagic(channel)
                    ? new FileSource(path.toString(), channel)
                    : new StreamSource(path.toString(), channel);
        } catch (NoSuchFileException e) {
            throw new CommandException(path + ": no such file");
        } catch (IOException e) {
            throw new CommandException(path + ": " + e.getMessage(), e);
        }
    }

    /** Returns the schema; borrowed, it lives until this source is closed. */
    IpcSchema schema();

    /**
     * Returns the next message after the schema, owned; null after the last.
     *
     * @throws CommandException if the bytes cannot be read, or are not what they should be
     */
    @Nullable
    IpcMessage next();

    /**
     * Returns whether the end was marked, once {@link #next} has returned null: an input without the mark may have been
     * cut off between two messages.
     */
    boolean isComplete();

    /** Releases the schema and closes what is read from. Idempotent. */
    @Override
    void close();
}
