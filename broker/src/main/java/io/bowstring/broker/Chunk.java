package io.bowstring.broker;

import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;

/**
 * Batches of a topic that follow one another and stand in one piece of memory, as they are sent: marked, each a whole IPC
 * message. No message is made for a batch that nobody asks for.
 *
 * <p>Owns one reference to that memory, which others share. Confined to its holder's thread.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format">Arrow: IPC streaming format</a>
 */
public final class Chunk {
    private final long firstOffset;
    private final ByteBuf frames;
    private final int start;
    private final int[] ends;

    /**
     * Creates a chunk.
     *
     * @param frames consumed
     * @param start where the first frame begins in the buffer that {@code frames} is a part of
     * @param ends where each frame ends in that buffer
     */
    Chunk(long firstOffset, ByteBuf frames, int start, int[] ends) {
        this.firstOffset = firstOffset;
        this.frames = frames;
        this.start = start;
        this.ends = ends;
    }

    /**
     * Returns a chunk of batches that a log keeps elsewhere; owned.
     *
     * @param firstOffset of the first batch
     * @param frames the batches as they are sent, one right after another, and nothing else; consumed
     * @param ends where each frame ends: so many bytes after the first one begins; borrowed from now on, and not changed
     */
    public static Chunk of(long firstOffset, ByteBuf frames, int[] ends) {
        try {
            return new Chunk(firstOffset, frames, 0, ends);
        } catch (OutOfMemoryError e) {
            frames.release();
            throw e;
        }
    }

    /** Returns the offset of the first batch; that of each other one is one more than that of the batch before it. */
    public long firstOffset() {
        return firstOffset;
    }

    /** Returns how many batches there are, 1 or more. */
    public int batchCount() {
        return ends.length;
    }

    /** Returns how many bytes the frames have. */
    public int frameBytes() {
        return frames.readableBytes();
    }

    /** Returns the frames of all batches, one right after another; borrowed. Whoever sends them consumes the chunk with them. */
    public ByteBuf frames() {
        return frames;
    }

    /**
     * Returns a batch; owned.
     *
     * @param index from 0 on
     */
    public IpcRecordBatch batch(int index) {
        return IpcRecordBatch.of(frames.retainedSlice(index(index), ends[index] - start(index)));
    }

    /**
     * Returns the frame of a batch; borrowed.
     *
     * @param index from 0 on
     */
    public ByteBuf frame(int index) {
        return frames.slice(index(index), ends[index] - start(index));
    }

    /** Returns where a frame begins in the buffer that {@code frames} is a part of. */
    private int start(int index) {
        return index == 0 ? start : ends[index - 1];
    }

    /** Returns where a frame begins in {@code frames}. */
    private int index(int index) {
        return frames.readerIndex() + start(index) - start;
    }

    /** Takes one more reference to the memory. */
    public Chunk retain() {
        frames.retain();
        return this;
    }

    /** Drops a reference to the memory. */
    public void release() {
        frames.release();
    }
}
