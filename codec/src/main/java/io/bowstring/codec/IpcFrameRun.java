package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that takes small record batches with their new {@code custom_metadata}, one right after the other: many share
 * one allocation, and what stands together can be sent as one piece.
 *
 * <pre>
 *   │ frame │ frame │ frame │ room │
 *           └ a message is a slice of the buffer, and has a reference to it
 * </pre>
 *
 * <p>Owns one reference to the buffer, until it is closed. Confined to the caller's thread; the messages are not.
 */
public final class IpcFrameRun implements AutoCloseable {
    /** What the tables of an edit without entries take at most: a root, a {@code Message}, a vector, and padding. */
    private static final int ROOT_BYTES = 64;

    /** What an entry takes at most beside its text: a {@code KeyValue}, two lengths, and padding. */
    private static final int ENTRY_BYTES = 48;

    /** Of one char in UTF-8. */
    private static final int MAX_CHAR_BYTES = 3;

    private final ByteBuf buffer;

    /**
     * Creates a run that is empty.
     *
     * @param capacityBytes how much it can take in all
     * @param onFree runs once when nothing refers to the memory any more, by whichever thread; must not throw
     */
    public IpcFrameRun(int capacityBytes, Runnable onFree, ByteBufAllocator allocator) {
        ByteBuf memory = allocator.directBuffer(capacityBytes, capacityBytes);
        buffer = new ForeignBuffer(memory, onFree);
    }

    /**
     * Appends a batch with changed {@code custom_metadata}, if there is room for it.
     *
     * @param batch consumed, unless the result is null
     * @return the changed batch, owned; or null where there may be no room
     */
    public @Nullable IpcRecordBatch tryAppend(IpcRecordBatch batch, IpcMetadataEdit edit) {
        Frame frame = batch.bytes();
        if (maxEditBytes(frame, edit) + frame.buffer().readableBytes() > buffer.writableBytes()) {
            return null;
        }
        try {
            return new IpcRecordBatch(
                    RootTables.append(frame, root -> root.editMessage(edit), buffer), batch.rowCount());
        } finally {
            batch.release();
        }
    }

    private static int maxEditBytes(Frame frame, IpcMetadataEdit edit) {
        int bytes = ROOT_BYTES + Integer.BYTES * frame.entryCount();
        for (Map.Entry<String, String> entry : edit.added()) {
            bytes += ENTRY_BYTES
                    + MAX_CHAR_BYTES
                            * (entry.getKey().length() + entry.getValue().length());
        }
        return bytes;
    }

    /** Lets go of the buffer; messages keep it for as long as they live. */
    @Override
    public void close() {
        buffer.release();
    }
}
