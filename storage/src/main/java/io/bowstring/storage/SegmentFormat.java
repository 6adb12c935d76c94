package io.bowstring.storage;

import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The format of segments and indexes: a number in the schema's {@code custom_metadata}, and in the index's header. A schema that
 * says nothing is of the first format. Not instantiable.
 */
final class SegmentFormat {
    static final String KEY = "bowstring.format";
    static final int CURRENT = 1;

    private SegmentFormat() {}

    /**
     * Checks a file, if it is a segment or an index. One that is damaged, or cannot be read, is of no format.
     *
     * @throws UnknownFormatException where it is whole and has another
     */
    static void requireKnown(Disk disk, Path file) throws UnknownFormatException {
        try {
            if (SegmentFiles.ofIndex(file).isPresent()) {
                requireKnownIndex(disk, file);
            } else if (SegmentFiles.ofSegment(file).isPresent()) {
                requireKnownSegment(disk, file);
            }
        } catch (UnknownFormatException e) {
            throw e;
        } catch (IOException e) {
            // Recovery comes upon it as well, and knows what to do then.
        }
    }

    private static void requireKnownIndex(Disk disk, Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(SegmentIndex.HEADER_BYTES);
        try (DiskFile index = disk.open(file)) {
            index.read(0, header);
        }
        OptionalInt format = SegmentIndex.format(header.flip());
        if (format.isPresent() && format.getAsInt() != CURRENT) {
            throw new UnknownFormatException(file, "format", Integer.toString(format.getAsInt()));
        }
    }

    /** Returns whether a file begins with a schema that is whole and says its format: whatever its name is. */
    static boolean isOfLog(Disk disk, Path file) {
        try {
            return read(disk, file).isPresent();
        } catch (IOException e) {
            return false; // whoever reads it hears why
        }
    }

    private static void requireKnownSegment(Disk disk, Path file) throws IOException {
        Optional<String> format = read(disk, file);
        if (format.isPresent() && !format.get().equals(Integer.toString(CURRENT))) {
            throw new UnknownFormatException(file, KEY, format.get());
        }
    }

    private static Optional<String> read(Disk disk, Path file) throws IOException {
        IpcSchema head = SegmentHead.tryRead(disk, file);
        if (head == null) {
            return Optional.empty();
        }
        try {
            return SegmentHead.format(head);
        } finally {
            head.release();
        }
    }
}
