package io.bowstring.storage;

import io.bowstring.codec.IpcField;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** Checks a segment and its index: the entries, the bytes of each range, and each message. Confined to one thread. */
final class SegmentCheck {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int MAX_INDEX_BYTES = 1 << 28;

    private final Disk disk;
    private final SegmentFiles files;
    private final Path file;
    private final Path indexFile;

    /** Whether a server may write to it now; whether a kill may have torn it off. */
    private final boolean isWritten;

    private final boolean mayLackEnd;
    private final Findings findings;

    private SegmentIndex index;
    private long size;
    private final MessagesCheck messages;

    SegmentCheck(
            Disk disk, SegmentFiles files, long firstOffset, boolean mayLackEnd, boolean isLive, Findings findings) {
        this.disk = disk;
        this.files = files;
        this.file = files.segment(firstOffset);
        this.indexFile = files.index(firstOffset);
        this.mayLackEnd = mayLackEnd;
        this.isWritten = mayLackEnd && isLive;
        this.findings = findings;
        this.index = new SegmentIndex(firstOffset);
        this.messages = new MessagesCheck(files, firstOffset, findings);
    }

    /**
     * Checks both files; the index first, as a server may add to both.
     *
     * @throws IOException where the segment cannot be read
     */
    void run() throws IOException {
        readIndex();
        try (DiskFile segment = disk.open(file)) {
            size = segment.size();
            if (size < index.end()) {
                findings.fault(file, "size", size, "at least " + index.end() + ", as the index says");
            }
            messages.run(segment, size, index, isWritten);
            checkRanges(segment);
            checkEnd(segment);
        }
        findings.addSegment(messages.batches(), size);
    }

    private void readIndex() throws IOException {
        try (DiskFile opened = disk.open(indexFile)) {
            ByteBuffer content = ByteBuffer.allocate((int) Math.min(opened.size(), MAX_INDEX_BYTES));
            opened.read(0, content);
            int bytes = content.flip().remaining();
            index = SegmentIndex.read(content, index.firstOffset());
            checkIndexEnd(bytes);
        } catch (NoSuchFileException e) {
            if (disk.list(files.directory()).contains(file)) { // else retention has removed both
                findings.fault(indexFile, "", "missing", "an index of " + file.getFileName());
            }
        } catch (IOException e) {
            findings.fault(indexFile, "", "cannot be read: " + e, "an index");
        }
    }

    private void checkIndexEnd(int bytes) {
        long whole = SegmentIndex.HEADER_BYTES + (long) index.size() * IndexEntry.BYTES;
        long rest = bytes - whole;
        boolean mayBeTorn = mayLackEnd && (bytes < SegmentIndex.HEADER_BYTES || rest < IndexEntry.BYTES);
        if (rest == 0 || (isWritten && mayBeTorn)) {
            return;
        }
        if (mayBeTorn) {
            findings.note(indexFile, "byte " + Math.min(whole, bytes), "ends there; the next start makes it whole");
        } else if (bytes < SegmentIndex.HEADER_BYTES || !hasHeader()) {
            findings.fault(
                    indexFile, "byte 0", "another header", "that of an index from " + index.firstOffset() + " on");
        } else {
            findings.fault(
                    indexFile,
                    "entry " + index.size() + " at byte " + whole,
                    rest + " bytes that are no entry, or one that does not follow",
                    index.isEnded() ? "the end of the file" : "entries of " + IndexEntry.BYTES + " bytes");
        }
    }

    private boolean hasHeader() {
        if (index.size() > 0) {
            return true;
        }
        ByteBuffer header = ByteBuffer.allocate(SegmentIndex.HEADER_BYTES);
        try (DiskFile opened = disk.open(indexFile)) {
            opened.read(0, header);
        } catch (IOException e) {
            return false;
        }
        return header.flip().equals(index.header());
    }

    private void checkRanges(DiskFile segment) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, size));
        for (int range = 0; range < index.size() && index.get(range).end() <= size; range++) {
            CRC32C checksum = new CRC32C();
            long end = index.get(range).end();
            for (long at = index.start(range); at < end; at += bytes.capacity()) {
                bytes.clear().limit((int) Math.min(bytes.capacity(), end - at));
                segment.read(at, bytes);
                checksum.update(bytes.flip());
            }
            int found = (int) checksum.getValue();
            if (found != index.get(range).checksum() && !messages.isFaulty(range)) {
                findings.fault(
                        file,
                        "bytes " + index.start(range) + " to " + end + ", offsets " + index.firstOffset(range) + " to "
                                + (index.get(range).nextOffset() - 1),
                        "CRC32C " + hex(found),
                        hex(index.get(range).checksum()));
            }
        }
    }

    private static String hex(int checksum) {
        return HexFormat.of().toHexDigits(checksum);
    }

    /** Checks what is after the last whole message, and whether the stream has ended. */
    private void checkEnd(DiskFile segment) throws IOException {
        long end = messages.end();
        if (end < size && end >= index.end()) {
            checkTail(segment, end);
        }
        if (isWritten) {
            return;
        }
        if (!messages.isEnded()) {
            if (mayLackEnd) {
                findings.note(file, "byte " + size, "has no end; the next start ends it");
            } else {
                findings.fault(file, "byte " + size, "has no end", "an end-of-stream marker");
            }
        } else if (!index.isEnded() && index.end() < size) {
            String found = "ends with byte " + index.end() + " of the segment";
            if (mayLackEnd) {
                findings.note(indexFile, "", found + "; the next start makes it whole");
            } else {
                findings.fault(indexFile, "", found, "entries until byte " + size);
            }
        }
    }

    private void checkTail(DiskFile segment, long end) throws IOException {
        String place = "bytes " + end + " to " + size;
        boolean hasOffsets =
                SegmentTail.nextOffset(segment, end, size, messages.nextOffset(), at -> {}) > messages.nextOffset();
        if (messages.isEnded()) {
            findings.fault(file, place, "more bytes", "nothing after the end of the stream");
        } else if (!mayLackEnd || (hasOffsets && !isWritten)) {
            findings.fault(
                    file,
                    place,
                    hasOffsets ? "a damaged message, and batches after it" : "no whole message",
                    "the batch of offset " + messages.nextOffset());
        } else if (!isWritten) {
            findings.note(file, place, "no whole message; the next start cuts this off");
        }
    }

    long firstOffset() {
        return index.firstOffset();
    }

    /** Returns the offset after the last batch that the index or the segment knows. */
    long nextOffset() {
        return Math.max(index.nextOffset(), messages.nextOffset());
    }

    boolean isEnded() {
        return messages.isEnded();
    }

    /** Returns whether the schema was whole. */
    boolean hasHead() {
        return messages.hasHead();
    }

    List<IpcField> fields() {
        return messages.fields();
    }

    String logId() {
        return messages.logId();
    }

    /** Returns the time of the first batch; the latest of all times where there is none. */
    long firstTime() {
        return messages.firstTime();
    }

    /** Returns the time of the last batch; the earliest of all times where there is none. */
    long lastTime() {
        return messages.lastTime();
    }
}
