package io.bowstring.storage;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProducerMark;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads what a segment has after the ranges that its index knows, message by message, and tells the index: after a kill, where
 * entries are missing, or where there is no index any more. It ends before the first message that is not whole, is damaged, or
 * is not the one that comes next. Confined to one thread.
 */
final class SegmentScan {
    private static final int CHUNK_BYTES = 1 << 20;

    private final StoredMessages messages;
    private final SegmentIndex index;

    // The range that has been begun, up to a position.
    private long position;
    private CRC32C checksum = new CRC32C();
    private long nextOffset;
    private long timeMicros;
    private long rows;
    private boolean hasDictionaries;
    private boolean isNumbered;
    private boolean isEnded;

    private SegmentScan(StoredMessages messages, SegmentIndex index) {
        this.messages = messages;
        this.index = index;
        this.nextOffset = index.nextOffset();
        this.timeMicros = index.timeMicros();
        this.rows = index.rows();
    }

    /**
     * Adds the ranges that follow to an index.
     *
     * @return whether it could read them: not where the schema is damaged, though the index knows ranges
     * @throws IOException where the disk fails
     */
    static boolean complete(DiskFile segment, SegmentIndex index) throws IOException {
        SegmentScan scan = new SegmentScan(new StoredMessages(segment, segment.size(), CHUNK_BYTES), index);
        if (index.size() > 0 && !scan.trySkipSchema()) {
            return false;
        }
        scan.run();
        return true;
    }

    /** Reads the schema, which the reader needs, and goes to the end of the ranges that are known. */
    private boolean trySkipSchema() throws IOException {
        IpcMessage schema = messages.next();
        if (schema == null) {
            return false;
        }
        schema.release();
        position = index.end();
        messages.seek(position);
        return true;
    }

    private void run() throws IOException {
        boolean isNext = true;
        while (isNext && !isEnded) {
            IpcMessage message = messages.next();
            isNext = message != null;
            if (message != null) {
                try {
                    isNext = take(message);
                } finally {
                    message.release();
                }
            }
            if (position - index.end() >= CHUNK_BYTES) {
                addRange();
            }
        }
        addRange();
    }

    /** Adds a message, borrowed, to the range, unless it is damaged or another should have come. */
    private boolean take(IpcMessage message) {
        ByteBuf frame = message.frame();
        if (message instanceof IpcEndOfStream) {
            isEnded = true;
        } else if (!isNext(message, frame)) {
            return false;
        }
        for (ByteBuffer part : frame.nioBuffers()) {
            checksum.update(part);
        }
        position += frame.readableBytes();
        return true;
    }

    private boolean isNext(IpcMessage message, ByteBuf frame) {
        try {
            FrameChecksum.require(frame);
            hasDictionaries |= message instanceof IpcDictionaryBatch;
            return !(message instanceof IpcRecordBatch batch) || isNext(batch);
        } catch (IpcException | ProtocolException e) {
            return false;
        }
    }

    private boolean isNext(IpcRecordBatch batch) {
        Map<String, String> entries = batch.customMetadata();
        BatchPosition mark = BatchPosition.parse(entries);
        boolean hasNumber = ProducerMark.parse(entries) != null;
        if (mark.offset() != nextOffset || mark.timeMicros() < timeMicros) {
            return false;
        }
        nextOffset++;
        timeMicros = mark.timeMicros();
        rows += batch.rowCount();
        isNumbered |= hasNumber;
        return true;
    }

    private void addRange() {
        if (position > index.end()) {
            index.add(new IndexEntry(
                    position,
                    nextOffset,
                    timeMicros,
                    rows,
                    (int) checksum.getValue(),
                    false,
                    hasDictionaries,
                    isNumbered,
                    isEnded));
            checksum = new CRC32C();
            hasDictionaries = false;
            isNumbered = false;
        }
    }
}
