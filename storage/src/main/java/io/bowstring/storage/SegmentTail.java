package io.bowstring.storage;

import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * What stands in a file where a message should begin that is whole and the next: the beginning of one that was being written, what a
 * loss of power has left, or what was acknowledged and has been damaged since. Nobody can tell which. Confined to one thread.
 */
final class SegmentTail {
    /** What any batch takes at least: it has a prefix, an offset, a time and a checksum. */
    private static final int MIN_BATCH_BYTES = 64;

    private static final int CHUNK_BYTES = 1 << 20;

    /** The search may cost so many times the bytes that it looks at, and so many more. */
    private static final int MAX_WORK = 8;

    private static final long FREE_WORK_BYTES = 64 << 20;

    /** So often the search says how far it has come. */
    private static final long TOLD_BYTES = 1 << 30;

    private final StoredMessages messages;
    private final long limit;
    private final LongConsumer onProgress;
    private long nextOffset;
    private long damagedBytes;
    private long told;

    private SegmentTail(StoredMessages messages, long from, long nextOffset, long limit, LongConsumer onProgress) {
        this.messages = messages;
        this.told = from;
        this.nextOffset = nextOffset;
        this.limit = limit;
        this.onProgress = onProgress;
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
     * <p>That takes a time in proportion to the bytes. Where they look like messages at very many places, and are none, the search is
     * given up.
     *
     * @param nextOffset of the batch that should have come
     * @param onProgress hears now and then how far it has come, where there is much to look at
     * @return the offset after the last of them; {@code nextOffset} where there are none; an offset after all that there may be, where
     *     the search is given up
     */
    static long nextOffset(DiskFile file, long from, long until, long nextOffset, LongConsumer onProgress)
            throws IOException {
        StoredMessages messages = new StoredMessages(file, until, CHUNK_BYTES);
        long limit = offsetAfter(nextOffset, until - from);
        SegmentTail tail = new SegmentTail(messages, from, nextOffset, limit, onProgress);
        return tail.trySearch(from, MAX_WORK * (until - from) + FREE_WORK_BYTES) ? tail.nextOffset : limit;
    }

    /** Searches all; returns false where that would be too much work. */
    private boolean trySearch(long from, long maxWorkBytes) throws IOException {
        long at = from;
        while (messages.tryFind(at, this::tell)) {
            at = messages.position() + 1;
            while (tryTake()) {
                at = messages.position();
            }
            if (messages.workBytes() + damagedBytes > maxWorkBytes) {
                return false;
            }
        }
        return true;
    }

    private void tell(long position) {
        if (position - told >= TOLD_BYTES) {
            told = position;
            onProgress.accept(position);
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
            damagedBytes += message.frameBytes();
            return false;
        } finally {
            message.release();
        }
    }
}
