package io.bowstring.storage;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The format of segments and indexes: a number in the schema's {@code custom_metadata}, and in the index's header. A schema that
 * says nothing is of the first format. Not instantiable.
 */
final class SegmentFormat {
    static final String KEY = "bowstring.format";
    static final int CURRENT = 1;

    private static final int CHUNK_BYTES = 1 << 16;

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

    /** Returns whether a segment begins with a schema that is as it was written. */
    static boolean isSchemaWhole(DiskFile segment) throws IOException {
        IpcMessage first = new StoredMessages(segment, segment.size(), CHUNK_BYTES).next();
        if (first == null) {
            return false;
        }
        try {
            FrameChecksum.require(first.frame());
            return first instanceof IpcSchema;
        } catch (IpcException e) {
            return false;
        } finally {
            first.release();
        }
    }

    private static Optional<String> read(Disk disk, Path file) throws IOException {
        try (DiskFile segment = disk.open(file)) {
            return read(new StoredMessages(segment, segment.size(), CHUNK_BYTES).next());
        }
    }

    /** Returns what the first message, consumed, says; empty where it is not a schema that is whole. */
    private static Optional<String> read(@Nullable IpcMessage first) {
        if (first == null) {
            return Optional.empty();
        }
        try {
            FrameChecksum.require(first.frame());
            return first instanceof IpcSchema schema
                    ? Optional.ofNullable(schema.schemaMetadata().get(KEY))
                            .or(() ->
                                    Optional.ofNullable(schema.customMetadata().get(KEY)))
                    : Optional.empty();
        } catch (IpcException e) {
            return Optional.empty();
        } finally {
            first.release();
        }
    }
}
