package io.bowstring.cli;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.vector.IpcFileReader;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file in the Arrow IPC file format. The data are the user's own, so this sets no limits: the server refuses what is too
 * large for it. Confined to the caller's thread.
 */
final class FileSource implements MessageInput {
    private final String name;
    private final IpcFileReader file;
    private final IpcSchema schema;
    private boolean isClosed;

    /**
     * Reads the footer and the schema.
     *
     * @param name for messages to the user
     * @param file is closed with this source, also where this throws
     * @throws CommandException if the footer or the schema is wrong
     */
    FileSource(String name, FileChannel file) {
        this.name = name;
        try {
            this.file = new IpcFileReader(file, IpcLimits.UNLIMITED, ByteBufAllocator.DEFAULT);
            this.schema = (IpcSchema) Objects.requireNonNull(this.file.next());
        } catch (IOException | IpcException e) {
            throw broken(e);
        }
    }

    @Override
    public IpcSchema schema() {
        return schema;
    }

    @Override
    public @Nullable IpcMessage next() {
        try {
            return file.next();
        } catch (IOException | IpcException e) {
            throw broken(e);
        }
    }

    /** Returns true: what is cut off has no footer. */
    @Override
    public boolean isComplete() {
        return true;
    }

    private CommandException broken(Exception e) {
        return new CommandException(name + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            schema.release();
            try {
                file.close();
            } catch (IOException e) {
                // It was only read from.
            }
        }
    }
}
