package io.bowstring.broker;

import java.nio.channels.FileChannel;

/**
 * Batches that follow one another in a file, as they are sent, and nothing else: they can go to a socket without any memory. The file
 * stays open until the part is released, once, by whichever thread. Immutable otherwise.
 */
public final class FilePart implements LogPart {
    private final FileChannel file;
    private final long position;
    private final long bytes;
    private final long firstOffset;
    private final long batchCount;
    private final Runnable onRelease;

    /**
     * Creates a part.
     *
     * @param file stays open, and has these bytes, until {@code onRelease} has run
     * @param position where the first frame begins
     * @param bytes of all frames
     */
    public FilePart(
            FileChannel file, long position, long bytes, long firstOffset, long batchCount, Runnable onRelease) {
        this.file = file;
        this.position = position;
        this.bytes = bytes;
        this.firstOffset = firstOffset;
        this.batchCount = batchCount;
        this.onRelease = onRelease;
    }

    /** Returns the file; borrowed. */
    public FileChannel file() {
        return file;
    }

    /** Returns where the first frame begins in the file. */
    public long position() {
        return position;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long firstOffset() {
        return firstOffset;
    }

    @Override
    public long batchCount() {
        return batchCount;
    }

    @Override
    public void release() {
        onRelease.run();
    }
}
