package io.bowstring.storage;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What stands in a file where a message should begin that is whole and the next: the beginning of one that was being written, what a
 * loss of power has left, or what was acknowledged and has been damaged since. Nobody can tell which. Confined to one thread.
 */
final class SegmentTail {
    /** What any batch takes at least: it has a prefix, an offset, a time and a checksum. */
    private static final int MIN_BATCH_BYTES = 64;

    private static final int CHUNK_BYTES = 1 << 20;

    private final StoredMessages messages;
    private final long limit;
    private long nextOffset;

    private SegmentTail(StoredMessages messages, long nextOffset, long limit) {
        this.messages = messages;
        this.nextOffset = nextOffset;
        this.limit = limit;
    }

    /** Returns an offset after all that so many bytes may have after the batch before {@code nextOffset}. */
    static long offsetAfter(long nextOffset, long bytes) {
        return nextOffset + Math.min(bytes / MIN_BATCH_BYTES, Long.MAX_VALUE - nextOffset);
    }

    /** Returns whether there are only zeros in a part of a file: what a file system shows that has made room and has lost the rest. */
    static boolean isBlank(DiskFile file, long from, long until) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, until - from));
        for (long at = from; at < until; at += bytes.capacity()) {
            bytes.clear().limit((int) Math.min(bytes.capacity(), until - at));
            file.read(at, bytes);
            bytes.flip();
            while (bytes.hasRemaining()) {
                if (bytes.get() != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Finds batches that are whole after one that is not: their offsets have been given away.
     *
     * @param nextOffset of the batch that should have come
     * @return the offset after the last of them; {@code nextOffset} where there are none
     */
    static long nextOffset(DiskFile file, long from, long until, long nextOffset) throws IOException {
        SegmentTail tail = new SegmentTail(
                new StoredMessages(file, until, CHUNK_BYTES), nextOffset, offsetAfter(nextOffset, until - from));
        tail.search(from);
        return tail.nextOffset;
    }

    private void search(long from) throws IOException {
        long at = from;
        while (messages.tryFind(at)) {
            at = messages.position() + 1;
            while (tryTake()) {
                at = messages.position();
            }
        }
    }

    /** Takes the next message; returns false where there is none that is whole. */
    private boolean tryTake() throws IOException {
        IpcMessage message = messages.next();
        if (message == null) {
            return false;
        }
        try {
            FrameChecksum.require(message.frame());
            if (message instanceof IpcRecordBatch batch) {
                long offset = BatchPosition.parse(batch).offset();
                nextOffset = offset < limit ? Math.max(nextOffset, offset + 1) : nextOffset;
            }
            return true;
        } catch (IpcException | ProtocolException e) {
            return false;
        } finally {
            message.release();
        }
    }
}
