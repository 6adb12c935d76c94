package io.bowstring.broker;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one connection or one topic makes the server keep that nobody can evict: schemas, requests that wait, column lists,
 * listings, producers. It counts in the memory of the broker, and is bounded twice:
 *
 * <ul>
 *   <li>by a limit of its own, which is a setting;
 *   <li>by what is left: no share may hold more than remains for all others, so that the largest is refused first. A
 *       16,384th of what may be kept is granted to each share in any case: a share that comes late and wants little finds room,
 *       however many others hold much.
 * </ul>
 *
 * <p>Thread-safe; takes no locks.
 */
public final class MemoryShare implements AutoCloseable {
    /** In place of the bytes that are used. */
    private static final long CLOSED = -1;

    /** A field of a schema takes about this many bytes of the heap. */
    private static final long FIELD_BYTES = 256;

    /** Each schema gets this much for nothing: limits on topics and connections bound how many small schemas there are. */
    private static final long FREE_SCHEMA_BYTES = 4 << 10;

    private final MemoryBudget memory;
    private final String owner;
    private final String setting;
    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /**
     * Creates a share of which nothing is used.
     *
     * @param owner whose share it is, "one connection" for example
     * @param setting the key of the limit in the configuration
     */
    MemoryShare(MemoryBudget memory, String owner, String setting, long limitBytes) {
        this.memory = memory;
        this.owner = owner;
        this.setting = setting;
        this.limitBytes = limitBytes;
    }

    /** Returns what a schema, borrowed, is to be charged: its message, and its fields on the heap; 0 for a small one. */
    public static long schemaBytes(IpcSchema schema) {
        int fields = IpcField.withNested(schema.fields()).size();
        return Math.max(0, schema.frameBytes() + FIELD_BYTES * fields - FREE_SCHEMA_BYTES);
    }

    /**
     * Counts what is about to be kept, until it is given to {@link #release} or the share is closed. Without effect where the
     * share is closed: its owner is gone, and with it soon what it wanted to keep.
     *
     * @param what is kept, for the message: {@code bowstring.columns} for example
     * @param bytes 0 or more
     * @throws ProtocolException {@code LIMIT_REACHED} where the share's own limit does not allow it, {@code STORAGE_FULL}
     *     where the broker's memory does not; then nothing is counted
     */
    public void charge(String what, long bytes) {
        memory.add(bytes); // first: a close that comes between finds that what it gives back has been counted
        memory.keep(bytes);
        try {
            count(what, bytes);
        } catch (ProtocolException e) {
            free(bytes);
            throw e;
        }
    }

    private void count(String what, long bytes) {
        while (true) {
            long used = usedBytes.get();
            if (used == CLOSED) {
                free(bytes);
                return;
            }
            if (bytes > limitBytes - used) {
                throw refusal(ErrorCode.LIMIT_REACHED, what, bytes, used, limitBytes, owner + "; " + setting);
            }
            long room = memory.room(memory.grantedBytes());
            if (used + bytes > room) {
                throw refusal(ErrorCode.STORAGE_FULL, what, bytes, used, room, "what is left for others; memory");
            }
            if (usedBytes.compareAndSet(used, used + bytes)) {
                return;
            }
        }
    }

    private static ProtocolException refusal(
            ErrorCode code, String what, long bytes, long used, long limit, String rule) {
        String value = used == 0 ? bytes + " bytes" : bytes + " bytes beside " + used + " bytes";
        return ProtocolException.of(code, what, value, "<= " + limit + " bytes, " + rule);
    }

    /**
     * Counts some of it no more; without effect where the share is closed.
     *
     * @param bytes that have been {@linkplain #charge charged}
     */
    public void release(long bytes) {
        while (true) {
            long used = usedBytes.get();
            if (used == CLOSED) {
                return;
            }
            if (bytes > used) {
                throw new IllegalArgumentException(
                        "bytes: " + bytes + " (expected: <= " + used + ", all that is used)");
            }
            if (usedBytes.compareAndSet(used, used - bytes)) {
                free(bytes);
                return;
            }
        }
    }

    /** Returns how much is counted, in bytes; 0 where the share is closed. */
    public long usedBytes() {
        return Math.max(0, usedBytes.get());
    }

    /** Counts nothing any more: the owner is gone. Idempotent. */
    @Override
    public void close() {
        free(Math.max(0, usedBytes.getAndSet(CLOSED)));
    }

    private void free(long bytes) {
        memory.keep(-bytes);
        memory.remove(bytes);
    }
}
