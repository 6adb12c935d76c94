package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import java.util.Arrays;
import java.util.Objects;

/**
 * Record batches of one stream that stand in one buffer, one right after another: one object for all of them, where each would
 * cost more than its bytes. A decoder emits them if it {@linkplain IpcDecoderConfig#withBatchRuns is told to}.
 *
 * <pre>
 *   │ batch 0 │ batch 1     │ batch 2 │
 *             └ end(0)      └ end(1)  └ end(2), the end of frames()
 * </pre>
 *
 * <p>Each batch has passed the same checks as an {@link IpcRecordBatch}. The ownership is that of an {@link IpcMessage}: who
 * receives a run as <i>owned</i> or <i>consumed</i> releases it once. The bytes are immutable, reference counts may be dropped
 * by any thread; all else is confined to the thread that holds the run. Identity equality.
 */
public final class IpcRecordBatchRun extends AbstractReferenceCounted {
    /** The longest frame of a batch that a decoder makes a part of a run, in bytes. A longer one is worth an object. */
    public static final int MAX_FRAME_BYTES = 64 << 10;

    private final ByteBuf frames;
    private final int[] ends;
    private final long[] rowCounts;
    private final MessageHeader[] headers;

    /** Before the first frame. */
    private final int headroomBytes;

    private boolean isTaken;

    /** Takes over the reference to {@code frames}. */
    private IpcRecordBatchRun(
            ByteBuf frames, int[] ends, long[] rowCounts, MessageHeader[] headers, int headroomBytes) {
        this.frames = frames;
        this.ends = ends;
        this.rowCounts = rowCounts;
        this.headers = headers;
        this.headroomBytes = headroomBytes;
    }

    /**
     * Returns a run of one batch, of whatever length; owned, shares the bytes.
     *
     * @param batch consumed
     */
    public static IpcRecordBatchRun of(IpcRecordBatch batch) {
        Frame frame = batch.bytes();
        try {
            return new IpcRecordBatchRun(
                    frame.buffer(),
                    new int[] {batch.frameBytes()},
                    new long[] {batch.rowCount()},
                    new MessageHeader[] {frame.header()},
                    frame.headroomBytes());
        } catch (Throwable e) { // the heap is exhausted
            batch.release();
            throw e;
        }
    }

    /** Returns how many batches there are: at least one. */
    public int count() {
        return ends.length;
    }

    /** Returns the frames of all batches, as they stand on the wire; borrowed, a new view with its own indices. */
    public ByteBuf frames() {
        return frames.duplicate();
    }

    /** Returns where the frame of a batch ends, and that of the next begins: so many bytes after the first frame begins. */
    public int end(int index) {
        return ends[index];
    }

    /** Returns how many rows the peer says that a batch has; never negative. */
    public long rowCount(int index) {
        return rowCounts[index];
    }

    /** Returns how many rows all batches have. */
    public long rowCount() {
        return Arrays.stream(rowCounts).sum();
    }

    /** Returns a batch; owned, shares the bytes, and may outlive the run. */
    public IpcRecordBatch batch(int index) {
        Frame frame = frame(index);
        IpcRecordBatch batch = new IpcRecordBatch(frame, rowCounts[index]);
        frame.buffer().retain();
        return batch;
    }

    /**
     * Returns a batch as {@link #batch} does, once. The only batch of a run that nobody else has a reference to gets the run's
     * reference to the bytes. That batch may be edited in place. The run has no bytes from then on, only lengths and row counts.
     *
     * @return owned
     * @throws IllegalStateException where the only batch has been taken before
     */
    public IpcRecordBatch take(int index) {
        if (ends.length > 1 || refCnt() > 1) {
            return batch(index);
        }
        if (isTaken) {
            throw new IllegalStateException("batch 0: taken (expected: once)");
        }
        IpcRecordBatch batch = new IpcRecordBatch(new Frame(frames, headers[index], headroomBytes), rowCounts[index]);
        isTaken = true;
        return batch;
    }

    /** Returns the frame of a batch; borrowed, a new view whose count is that of all frames. */
    Frame frame(int index) {
        int start = start(index);
        return new Frame(frames.slice(frames.readerIndex() + start, ends[index] - start), headers[index], 0);
    }

    /** Returns the frames of all batches; borrowed. */
    ByteBuf bytes() {
        return frames;
    }

    MessageHeader header(int index) {
        return headers[index];
    }

    /** Returns where the frame of a batch begins. */
    int start(int index) {
        return Objects.checkIndex(index, ends.length) == 0 ? 0 : ends[index - 1];
    }

    @Override
    public IpcRecordBatchRun retain() {
        super.retain();
        return this;
    }

    @Override
    public IpcRecordBatchRun touch(Object hint) {
        frames.touch(hint);
        return this;
    }

    @Override
    protected void deallocate() {
        if (!isTaken) {
            frames.release();
        }
    }

    @Override
    public String toString() {
        return "RECORD_BATCH × " + ends.length + " (" + ends[ends.length - 1] + " bytes)";
    }

    /** Collects the batches of one run after another. Confined to one reader. */
    static final class Builder {
        private int[] ends = new int[64];
        private long[] rowCounts = new long[64];
        private MessageHeader[] headers = new MessageHeader[64];
        private int count;

        boolean isEmpty() {
            return count == 0;
        }

        /** Adds a batch right after the last one. */
        void add(MessageHeader header, int frameBytes, long rowCount) {
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
                rowCounts = Arrays.copyOf(rowCounts, 2 * count);
                headers = Arrays.copyOf(headers, 2 * count);
            }
            ends[count] = frameBytes + (count == 0 ? 0 : ends[count - 1]);
            rowCounts[count] = rowCount;
            headers[count++] = header;
        }

        /** Returns a run of the batches that have been added, owned, and forgets them; their frames begin {@code in}, borrowed. */
        IpcRecordBatchRun take(ByteBuf in) {
            int batches = count;
            count = 0;
            int[] newEnds = Arrays.copyOf(ends, batches);
            long[] newRowCounts = Arrays.copyOf(rowCounts, batches);
            MessageHeader[] newHeaders = Arrays.copyOf(headers, batches);
            ByteBuf frames = in.readRetainedSlice(newEnds[batches - 1]); // last: nothing fails any more
            return new IpcRecordBatchRun(frames, newEnds, newRowCounts, newHeaders, 0);
        }
    }
}
