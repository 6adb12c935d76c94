package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a sink what its subscription gets of dictionaries and batches: the columns that it wants, with a mark after a gap. Counts
 * what it has written.
 *
 * <p>Confined to the sink's executor, but for what says otherwise.
 */
final class Delivery {
    /** A part of the body in a projection: the objects that point to it. */
    private static final int PART_BYTES = 160;

    private final Topic topic;
    private final SubscriptionSink sink;

    /** Written in the topic's turn before the first delivery. */
    private @Nullable IpcSelection selection;

    private StreamHead sentHead = new StreamHead();

    /** Of all frames that the sink has been given; seen by others as what is written after it is. */
    private long writtenBytes;

    // What has been written and is not counted yet, and the bytes that are: the counts are shared, and changed once per
    // burst.
    private long newBatches;
    private long countedBytes;

    Delivery(Topic topic, SubscriptionSink sink) {
        this.topic = topic;
        this.sink = sink;
    }

    /** Delivers some columns only; null for all. Called in the topic's turn, before anything is delivered. */
    void select(@Nullable IpcSelection columns) {
        selection = columns;
    }

    boolean isProjection() {
        return selection != null;
    }

    /** Returns how many bytes of frames the sink has been given. For any thread; may be old. */
    long writtenBytes() {
        return writtenBytes;
    }

    /** Returns whether batches are written as they are, many at once; else one by one. */
    boolean isWhole(long gap) {
        return sink.takesChunks() && selection == null && gap == 0;
    }

    /** Writes the dictionaries that a head, borrowed, has and the sink has not. */
    void write(StreamHead head) {
        head.forEachAfter(sentHead, dictionary -> write(dictionary.retain()));
        sentHead = head;
    }

    /**
     * Writes what has been read from a log that is kept.
     *
     * @param part consumed; in a file only where {@link #isWhole}
     * @param gap batches missed before it
     */
    void write(LogPart part, long gap) {
        if (part instanceof LogPiece piece) {
            write(piece, gap);
        } else if (part instanceof FilePart file) {
            newBatches += file.batchCount();
            writtenBytes += file.bytes();
            sink.write(file);
        }
    }

    private void write(LogPiece piece, long gap) {
        List<IpcDictionaryBatch> dictionaries = piece.dictionaries();
        int taken = 0;
        try {
            sentHead = new StreamHead(); // whatever it knows by now, it is not known here
            while (taken < dictionaries.size()) {
                taken++;
                write(dictionaries.get(taken - 1));
            }
        } catch (RuntimeException | Error e) {
            dictionaries.subList(taken, dictionaries.size()).forEach(IpcDictionaryBatch::release);
            piece.chunk().release();
            throw e;
        }
        write(piece.chunk(), gap);
    }

    private void write(IpcDictionaryBatch dictionary) {
        if (selection == null || selection.dictionaryIds().contains(dictionary.id())) {
            write((IpcMessage) dictionary);
        } else {
            dictionary.release();
        }
    }

    /**
     * Writes batches.
     *
     * @param chunk consumed
     * @param gap batches missed before it
     */
    void write(Chunk chunk, long gap) {
        newBatches += chunk.batchCount();
        if (gap > 0) {
            topic.counts().onGap(gap);
        }
        if (isWhole(gap)) {
            writtenBytes += chunk.frameBytes();
            sink.write(chunk);
            return;
        }
        try {
            for (int i = 0; i < chunk.batchCount(); i++) {
                write(batch(chunk, i, i == 0 ? gap : 0));
            }
        } finally {
            chunk.release();
        }
    }

    private void write(IpcMessage message) {
        writtenBytes += message.frameBytes();
        sink.write(message);
    }

    /** Counts what has been delivered since the last time. */
    void count() {
        if (newBatches > 0) {
            topic.counts().onDelivered(newBatches, writtenBytes - countedBytes);
            newBatches = 0;
            countedBytes = writtenBytes;
        }
    }

    /** Returns what the subscription gets of a batch, owned. */
    private IpcRecordBatch batch(Chunk chunk, int index, long gap) {
        if (gap == 0) {
            return columnsOf(chunk, index);
        }
        return topic.memory() // of the head alone: the log has the body already
                .counted(
                        onFree -> marked(columnsOf(chunk, index), chunk.firstOffset() + index, gap, onFree),
                        marked -> marked.metadata().readableBytes() + Block.OVERHEAD_BYTES);
    }

    /** Returns the wanted columns of a batch; owned. A projection counts in the memory until it is sent, but for the shared body. */
    private IpcRecordBatch columnsOf(Chunk chunk, int index) {
        IpcSelection columns = selection;
        if (columns == null) {
            return chunk.batch(index);
        }
        ByteBufAllocator allocator = topic.broker().allocator();
        return topic.memory()
                .counted(onFree -> columns.select(chunk.batch(index), onFree, allocator), Delivery::projectionBytes);
    }

    /** Returns a batch, which is consumed, with a mark that names a gap before it; owned. */
    private IpcRecordBatch marked(IpcRecordBatch batch, long offset, long gap, Runnable onFree) {
        IpcMetadataEdit edit;
        try {
            edit = new BatchPosition(offset, BatchPosition.parse(batch).timeMicros(), gap).toEdit();
        } catch (RuntimeException | Error e) {
            batch.release();
            throw e;
        }
        return batch.editedApart(edit, onFree, topic.broker().allocator());
    }

    /** Returns about how many bytes a projection takes beside its batch. */
    private static long projectionBytes(IpcRecordBatch projection) {
        int parts = projection.frame().nioBufferCount();
        int headBytes = projection.metadata().readableBytes();
        int ownBytes = parts == 1 ? projection.frameBytes() : headBytes + PART_BYTES * parts;
        return (long) ownBytes + Block.OVERHEAD_BYTES;
    }
}
