package io.bowstring.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Where a segment ends that a server may be adding to, as its index says. What is before that has been synced, is whole, and does not
 * change any more: another process may map it. A server deletes segments, and does not cut off what it has said to be whole.
 *
 * <pre>{@code
 * try (SegmentEnd end = SegmentEnd.of(segment);
 *         StreamView view = StreamView.map(segment, end)) {
 *     IpcMessage message = view.next(); // null for now, where nothing more is known to be whole
 * }
 * }</pre>
 *
 * <p>Of a topic with {@code sync = os} the index is written when a segment ends.
 *
 * <p>Confined to one thread.
 */
public final class SegmentEnd implements LongSupplier, Closeable {
    private static final int READ_BYTES = 1024 * IndexEntry.BYTES;

    private final Path segment;
    private final FileChannel indexFile;
    private final ByteBuffer header;
    private final ByteBuffer entries = ByteBuffer.allocate(READ_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long position;
    private long end;
    private long nextOffset;
    private boolean isEnded;

    private SegmentEnd(Path segment, FileChannel indexFile, long firstOffset) {
        this.segment = segment;
        this.indexFile = indexFile;
        this.header = new SegmentIndex(firstOffset).header();
        this.nextOffset = firstOffset;
    }

    /**
     * Opens the index of a segment.
     *
     * @param segment by the name that the server has given it
     * @throws IOException where it has no index
     * @throws IllegalArgumentException where it is none by its name
     */
    public static SegmentEnd of(Path segment) throws IOException {
        long firstOffset = SegmentFiles.ofSegment(segment)
                .orElseThrow(() ->
                        new IllegalArgumentException("segment: " + segment + " (expected: 20 digits and .arrows)"));
        Path index = new SegmentFiles(directory(segment)).index(firstOffset);
        return new SegmentEnd(segment, FileChannel.open(index, StandardOpenOption.READ), firstOffset);
    }

    /**
     * Returns the first segment of a topic that has the batch of an offset or later ones.
     *
     * @param directory the topic's
     * @return empty where there is none yet
     */
    public static Optional<Path> segmentAt(Path directory, long offset) throws IOException {
        Path found = null;
        for (Path file : segmentsWithIndex(directory)) {
            if (found == null || firstOffset(file) <= offset) {
                found = file;
            }
        }
        return Optional.ofNullable(found);
    }

    /** Returns the segments in a directory, in order, without one of which the index is still to be made. */
    private static List<Path> segmentsWithIndex(Path directory) throws IOException {
        List<Path> present = new ReadOnlyDisk().list(directory);
        SegmentFiles files = new SegmentFiles(directory);
        return present.stream()
                .filter(file -> firstOffset(file) >= 0 && present.contains(files.index(firstOffset(file))))
                .toList();
    }

    private static Path directory(Path segment) {
        return Objects.requireNonNull(segment.toAbsolutePath().getParent());
    }

    private static long firstOffset(Path file) {
        return SegmentFiles.ofSegment(file).orElse(-1);
    }

    /** Returns the segment that comes after this one; empty where this one has not ended, or there is none yet. */
    public Optional<Path> following() throws IOException {
        getAsLong();
        if (!isEnded) {
            return Optional.empty();
        }
        for (Path file : segmentsWithIndex(directory(segment))) {
            if (firstOffset(file) >= nextOffset) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /**
     * Returns where the last range ends that is known to be whole now.
     *
     * @throws UncheckedIOException where the index cannot be read
     */
    @Override
    public long getAsLong() {
        try {
            while (!isEnded && readSome()) {
                // There may be more.
            }
            return end;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads entries that have come since; returns whether there were any. */
    private boolean readSome() throws IOException {
        boolean isStart = position == 0;
        entries.clear();
        while (entries.hasRemaining() && indexFile.read(entries, position + entries.position()) > 0) {
            // The rest of it.
        }
        entries.flip();
        if (isStart) {
            if (entries.remaining() < SegmentIndex.HEADER_BYTES
                    || !entries.slice(0, SegmentIndex.HEADER_BYTES).equals(header)) {
                return false;
            }
            entries.position(SegmentIndex.HEADER_BYTES);
        }
        int start = entries.position();
        while (!isEnded && IndexEntry.isWhole(entries)) {
            IndexEntry entry = IndexEntry.read(entries);
            end = Math.max(end, entry.end());
            nextOffset = entry.nextOffset();
            isEnded = entry.isEnd();
        }
        position += entries.position();
        return entries.position() > start;
    }

    /** Returns the offset after the last batch before the end, as it was known when that was asked for. */
    public long nextOffset() {
        return nextOffset;
    }

    /** Returns whether nothing more is added, as it was known when the end was asked for. */
    public boolean isEnded() {
        return isEnded;
    }

    @Override
    public void close() throws IOException {
        indexFile.close();
    }
}
