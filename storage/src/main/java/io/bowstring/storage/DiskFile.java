package io.bowstring.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An open file of a {@link Disk}. One thread writes, others may read meanwhile. */
interface DiskFile extends Closeable {
    long size() throws IOException;

    /**
     * Writes bytes from a position on: as many as the disk takes at once, one or more.
     *
     * @param bytes borrowed; their positions are moved past what has been written
     */
    void write(long position, ByteBuffer... bytes) throws IOException;

    /**
     * Writes all bytes from a position on.
     *
     * @param bytes borrowed, and left as they are
     * @return how many
     */
    default long writeAll(long position, ByteBuffer... bytes) throws IOException {
        ByteBuffer[] left = Arrays.stream(bytes).map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
        long count = Arrays.stream(left).mapToLong(ByteBuffer::remaining).sum();
        long leftBytes = count;
        while (leftBytes > 0) {
            write(position + count - leftBytes, left);
            leftBytes = Arrays.stream(left).mapToLong(ByteBuffer::remaining).sum();
        }
        return count;
    }

    /**
     * Reads bytes from a position on into what remains of a buffer.
     *
     * @return how many, less than what remains only at the end of the file
     */
    int read(long position, ByteBuffer to) throws IOException;

    /** Returns the file as the system has it, borrowed; null where it has none. */
    default @Nullable FileChannel channel() {
        return null;
    }

    /** Cuts the file off; nobody may read what goes. */
    void truncate(long size) throws IOException;

    /** Makes the bytes and the size survive a loss of power. After an error nobody knows which bytes do. */
    void sync() throws IOException;
}
