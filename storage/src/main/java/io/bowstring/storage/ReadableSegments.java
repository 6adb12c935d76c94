package io.bowstring.storage;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProtocolException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The segments that can be read of those that somebody asks for, in order, as they are now: neither their files nor their indexes are
 * changed. Owns the schema. Confined to one thread.
 */
final class ReadableSegments implements Closeable {
    private static final int HEAD_BYTES = 64 << 10;

    private final Disk disk = new ReadOnlyDisk();
    private final Consumer<String> onFault;
    private final Consumer<String> onNote;
    private final Segments segments = new Segments();

    /** By their first offsets. */
    private final NavigableMap<Long, StoredSegment> byOffset = new TreeMap<>();

    private @Nullable IpcSchema schema;

    private ReadableSegments(Consumer<String> onFault, Consumer<String> onNote) {
        this.onFault = onFault;
        this.onNote = onNote;
    }

    static ReadableSegments ofDirectory(Path directory, Consumer<String> onFault, Consumer<String> onNote)
            throws IOException {
        ReadableSegments found = new ReadableSegments(onFault, onNote);
        SegmentFiles files = new SegmentFiles(directory);
        NavigableMap<Long, Path> present = new TreeMap<>();
        for (Path file : found.disk.list(directory)) {
            SegmentFormat.requireKnown(found.disk, file);
            SegmentFiles.ofSegment(file).ifPresent(offset -> present.put(offset, file));
        }
        for (Map.Entry<Long, Path> entry : present.entrySet()) {
            boolean isNewest = entry.getKey().equals(present.lastKey());
            found.add(entry.getValue(), files.index(entry.getKey()), entry.getKey(), isNewest);
        }
        found.requireSchema(directory);
        return found;
    }

    static ReadableSegments ofFile(Path segment, Consumer<String> onFault, Consumer<String> onNote) throws IOException {
        ReadableSegments found = new ReadableSegments(onFault, onNote);
        SegmentFormat.requireKnown(found.disk, segment);
        found.add(segment, indexOf(segment), found.firstOffset(segment), true);
        found.requireSchema(segment);
        return found;
    }

    static boolean isSegment(Path file) {
        boolean isNamed = SegmentFiles.ofSegment(file).isPresent()
                || SegmentFiles.ofDamaged(file).isPresent();
        return isNamed || SegmentFormat.isOfLog(new ReadOnlyDisk(), file);
    }

    private static Path indexOf(Path segment) {
        SegmentFiles files =
                new SegmentFiles(Objects.requireNonNull(segment.toAbsolutePath().getParent()));
        OptionalLong named = SegmentFiles.ofSegment(segment);
        if (named.isPresent()) {
            return files.index(named.getAsLong());
        }
        return SegmentFiles.ofDamaged(segment).isPresent()
                ? files.indexOfDamaged(segment)
                : segment.resolveSibling(segment.getFileName() + ".index");
    }

    /** Returns the offset of the first batch, by the file's name or by the batch. */
    private long firstOffset(Path segment) throws IOException {
        OptionalLong named = SegmentFiles.ofSegment(segment);
        OptionalLong damaged = named.isPresent() ? named : SegmentFiles.ofDamaged(segment);
        if (damaged.isPresent()) {
            return damaged.getAsLong();
        }
        try (DiskFile file = disk.open(segment)) {
            StoredMessages messages = new StoredMessages(file, file.size(), HEAD_BYTES);
            for (IpcMessage message = messages.next(); message != null; message = messages.next()) {
                try {
                    if (message instanceof IpcRecordBatch batch) {
                        return Math.max(0, BatchPosition.parse(batch).offset());
                    }
                } catch (ProtocolException e) {
                    return 0; // which will be told
                } finally {
                    message.release();
                }
            }
        }
        return 0;
    }

    private void add(Path file, Path indexFile, long firstOffset, boolean isNewest) {
        FoundSegment found = FoundSegment.read(disk, file, indexFile, firstOffset);
        if (!found.isReadable()) {
            onFault.accept(file + ": cannot be read");
            return;
        }
        if (!isOfSchema(file, isNewest && found.size() == 0)) {
            return;
        }
        tellTail(file, found, isNewest);
        if (!found.isEmpty()) {
            tellPlace(file, firstOffset);
            StoredSegment segment = new StoredSegment(disk, file, found.index(), Runnable::run);
            segments.add(segment);
            byOffset.put(firstOffset, segment);
        }
    }

    /** Reads the schema, which must be the one that the others have. */
    private boolean isOfSchema(Path file, boolean isJustBegun) {
        if (isJustBegun) {
            return false;
        }
        try {
            IpcSchema own = SegmentHead.read(disk, file);
            IpcSchema first = schema;
            if (first == null) {
                schema = own;
                return true;
            }
            own.release();
            if (own.fields().equals(first.fields())) {
                return true;
            }
            onFault.accept(file + ": has other columns, and is left out (expected: those of the segments before it)");
            return false;
        } catch (IOException e) {
            onFault.accept(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Tells of bytes after the last range: of the newest segment they may be what a server writes just now. */
    private void tellTail(Path file, FoundSegment found, boolean isNewest) {
        long bytes = found.size() - found.index().end();
        String tail = file + ", bytes " + found.index().end() + " to " + found.size() + ": ";
        if (found.nextOffset() > found.index().nextOffset()) {
            onFault.accept(tail + "damaged, and left out; has batches until " + found.nextOffset());
        } else if (bytes > 0 && !isNewest) {
            onFault.accept(tail + "no whole batch (expected: the end of the stream)");
        } else if (bytes > 0) {
            onNote.accept(tail + "no whole batch: being written, or torn");
        }
    }

    private void tellPlace(Path file, long firstOffset) {
        long expected = nextOffset();
        if (firstOffset < expected) {
            onFault.accept(file + ": begins at offset " + firstOffset + " (expected: " + expected + " or more)");
        }
    }

    private void requireSchema(Path path) throws IOException {
        if (schema == null) {
            throw new IOException(path + ": no segment can be read (expected: one or more)");
        }
    }

    Segments segments() {
        return segments;
    }

    /** Returns the schema of the first one; borrowed. */
    IpcSchema schema() {
        return Objects.requireNonNull(schema);
    }

    long firstOffset() {
        return byOffset.isEmpty() ? 0 : byOffset.firstKey();
    }

    long nextOffset() {
        return byOffset.isEmpty() ? 0 : byOffset.lastEntry().getValue().index().nextOffset();
    }

    /** Leaves the segment out that has an offset, or the next one after it; returns false where there is none. */
    boolean tryRemove(long offset) {
        Map.Entry<Long, StoredSegment> entry = byOffset.floorEntry(offset);
        if (entry == null || entry.getValue().index().nextOffset() <= offset) {
            entry = byOffset.higherEntry(offset);
        }
        if (entry == null) {
            return false;
        }
        byOffset.remove(entry.getKey());
        segments.remove(entry.getKey());
        return true;
    }

    @Override
    public void close() {
        if (schema != null) {
            schema.release();
            schema = null;
        }
    }
}
