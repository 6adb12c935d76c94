package io.bowstring.storage;

import io.bowstring.broker.LogPiece;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.StartPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a durable topic, read from its files: of one segment, or of all in a directory as one stream. A server may write there
 * meanwhile; what it has written when this is opened is read, and no file is changed. What cannot be read is told and left out.
 *
 * <p>An index shows where to begin, and which bytes are damaged; where it is missing or damaged itself, the segment is read instead.
 *
 * <p>Confined to one thread, which waits for the disk and must not be interrupted.
 */
public final class StoredTopic implements Closeable {
    private final ReadableSegments found;
    private final Consumer<String> onFault;
    private final Deque<IpcMessage> waiting = new ArrayDeque<>();
    private SegmentsReader reader;
    private long until;
    private boolean isRead;
    private boolean isComplete = true;

    private StoredTopic(ReadableSegments found, Consumer<String> onFault) {
        this.found = found;
        this.onFault = onFault;
        this.until = found.nextOffset();
        this.reader = new SegmentsReader(found.segments(), found.firstOffset(), StoredTopic::allocate);
    }

    private static ByteBuf allocate(int bytes) {
        return ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
    }

    /**
     * Opens the segments of a topic's directory.
     *
     * @param onFault hears, in a line each, what cannot be read; also while batches are read
     * @param onNote hears what is odd and loses nothing
     * @throws IOException where the directory cannot be read, or has no segment of which a batch or a schema can be
     */
    public static StoredTopic ofDirectory(Path directory, Consumer<String> onFault, Consumer<String> onNote)
            throws IOException {
        return open(onFault, telling -> ReadableSegments.ofDirectory(directory, telling, onNote));
    }

    /**
     * Opens one segment, whatever its name is.
     *
     * @param onFault hears, in a line each, what cannot be read; also while batches are read
     * @param onNote hears what is odd and loses nothing
     * @throws IOException where it cannot be read, not even its schema
     */
    public static StoredTopic ofFile(Path segment, Consumer<String> onFault, Consumer<String> onNote)
            throws IOException {
        return open(onFault, telling -> ReadableSegments.ofFile(segment, telling, onNote));
    }

    private static StoredTopic open(Consumer<String> onFault, Opener opener) throws IOException {
        boolean[] isFaulty = new boolean[1];
        StoredTopic topic = new StoredTopic(
                opener.open(fault -> {
                    isFaulty[0] = true;
                    onFault.accept(fault);
                }),
                onFault);
        topic.isComplete = !isFaulty[0];
        return topic;
    }

    /** Returns whether a file is a segment, by its name or by what it begins with. */
    public static boolean isSegment(Path file) {
        return ReadableSegments.isSegment(file);
    }

    /** Returns the schema, as the first segment has it; borrowed, it lives until this is closed. */
    public IpcSchema schema() {
        return found.schema();
    }

    /** Returns the offset after the last batch that can be read. */
    public long nextOffset() {
        return found.nextOffset();
    }

    /**
     * Chooses what to read, before anything has been: all, unless this is called.
     *
     * @param from as for a subscription; from the latest on there is nothing
     */
    public void select(StartPosition from, EndPosition end) throws IOException {
        if (isRead) {
            throw new IllegalStateException("batches have been read (expected: none)");
        }
        until = end.kind() == EndPosition.Kind.OFFSET ? Math.min(end.value(), found.nextOffset()) : found.nextOffset();
        long first = Math.max(found.firstOffset(), firstOffset(from));
        reader = new SegmentsReader(found.segments(), first, StoredTopic::allocate);
    }

    private long firstOffset(StartPosition from) throws IOException {
        return switch (from.kind()) {
            case LATEST -> found.nextOffset();
            case EARLIEST -> found.firstOffset();
            case OFFSET -> from.value();
            case LAST -> found.nextOffset() - from.value();
            case TIME -> firstOffsetAtOrAfter(from.value());
        };
    }

    /** Where the place is damaged, the batches after the damage are the first. */
    private long firstOffsetAtOrAfter(long micros) throws IOException {
        try {
            OptionalLong offset =
                    SegmentsReader.firstOffsetAtOrAfter(found.segments(), micros, StoredTopic::allocate, () -> true);
            return offset.orElse(found.nextOffset());
        } catch (DamagedRangeException e) {
            tell(e.getMessage());
            return e.nextOffset(found.firstOffset());
        }
    }

    private void tell(@Nullable String fault) {
        isComplete = false;
        onFault.accept(String.valueOf(fault));
    }

    /**
     * Returns the next message: a batch, or a dictionary that batches after it need. Owned; null after the last.
     *
     * @throws IOException where the disk fails in a way that leaves nothing to read
     */
    public @Nullable IpcMessage next() throws IOException {
        isRead = true;
        while (waiting.isEmpty()) {
            long wanted = reader.offset();
            LogPiece piece = nextPiece();
            if (piece == null) {
                return null;
            }
            if (piece.chunk().firstOffset() > wanted) {
                tell("offsets " + wanted + " to " + (piece.chunk().firstOffset() - 1) + ": missing");
            }
            take(piece);
        }
        return waiting.poll();
    }

    private @Nullable LogPiece nextPiece() throws IOException {
        while (true) {
            try {
                return reader.next(until);
            } catch (DamagedRangeException e) {
                tell(e.getMessage());
                reader.skip(e);
            } catch (IOException e) {
                tell(String.valueOf(e));
                reader = withoutNext();
            }
        }
    }

    /** Returns a reader that leaves the segment out that comes next: it cannot be read, or retention has removed it. */
    private SegmentsReader withoutNext() throws IOException {
        long offset = reader.offset();
        reader.close();
        if (!found.tryRemove(offset)) {
            throw new IOException("offset " + offset + ": in no segment (expected: one that can be read)");
        }
        return new SegmentsReader(found.segments(), offset, StoredTopic::allocate);
    }

    private void take(LogPiece piece) {
        for (IpcDictionaryBatch dictionary : piece.dictionaries()) {
            waiting.add(dictionary.retain());
        }
        for (int i = 0; i < piece.chunk().batchCount(); i++) {
            waiting.add(piece.chunk().batch(i));
        }
        piece.release();
    }

    /** Returns whether nothing that could not be read has been told so far. */
    public boolean isComplete() {
        return isComplete;
    }

    @Override
    public void close() {
        waiting.forEach(IpcMessage::release);
        waiting.clear();
        reader.close();
        found.close();
    }

    /** Finds segments. */
    private interface Opener {
        ReadableSegments open(Consumer<String> onFault) throws IOException;
    }
}
