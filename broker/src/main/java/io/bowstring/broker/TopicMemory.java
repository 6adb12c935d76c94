package io.bowstring.broker;

import io.bowstring.codec.ForeignBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCounted;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What one topic uses of the memory: its log, what is in flight to it, its dictionaries, and what sockets are still to send
 * of it after it has left the log. All of it counts in the {@link MemoryBudget}. Where that is short and the topic uses
 * more than its share, the topic is held back: its publishers pause, those of others do not.
 *
 * <p>Thread-safe; takes no locks.
 */
final class TopicMemory {
    /**
     * The part of the log that subscriptions hold because they block.
     *
     * @param beforeOffset a subscription that stands before this offset holds at least half of the batches
     */
    record Held(long bytes, long beforeOffset) {
        static final Held NOTHING = new Held(0, 0);
    }

    private final MemoryBudget memory;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong dictionaryBytes = new AtomicLong();
    private final AtomicBoolean isHeldBack = new AtomicBoolean();
    private final Set<Publication> publications = ConcurrentHashMap.newKeySet();
    private volatile Held held = Held.NOTHING;

    TopicMemory(MemoryBudget memory) {
        this.memory = memory;
    }

    /** A publisher is to hear when the topic is held back and when it is not any more. */
    void join(Publication publication) {
        publications.add(publication);
        memory.join(this);
        judge();
        if (isHeldBack.get()) {
            publication.onMemory();
        }
    }

    void leave(Publication publication) {
        if (publications.remove(publication)) {
            memory.leave(this);
        }
    }

    void add(long bytes) {
        if (usedBytes.getAndAdd(bytes) == 0) {
            memory.onInUse(1);
        }
        memory.add(bytes);
        if (memory.isShort()) {
            judge();
        }
    }

    void remove(long bytes) {
        if (bytes > 0 && usedBytes.addAndGet(-bytes) == 0) {
            memory.onInUse(-1);
        }
        memory.remove(bytes);
        if (isHeldBack.get()) {
            judge();
        }
    }

    /**
     * Makes a buffer or a message that counts until its memory is free.
     *
     * @param make makes it, owned; its argument runs once when the memory is free, and not where this throws
     * @param ownBytes how much of that memory it has alone, in bytes
     */
    <T extends ReferenceCounted> T counted(Function<Runnable, T> make, ToLongFunction<T> ownBytes) {
        AtomicLong bytes = new AtomicLong();
        T made = make.apply(() -> remove(bytes.get())); // of nothing where it could not be counted
        try {
            bytes.set(ownBytes.applyAsLong(made));
            add(bytes.get()); // counts also where it throws
            return made;
        } catch (RuntimeException | Error e) {
            made.release();
            throw e;
        }
    }

    /** Returns an owned buffer with room for so many bytes, in one piece, which counts until its memory is free. For any thread. */
    ByteBuf newBuffer(int bytes, ByteBufAllocator allocator) {
        return counted(onFree -> ForeignBuffer.over(allocator.directBuffer(bytes, bytes), onFree), buffer -> bytes);
    }

    /**
     * Notes that a message that counts is a dictionary in force; returns whether there is room for that: half of what every
     * topic is granted is for its dictionaries in any case. Where there is no room, it is noted all the same, until its
     * memory is free.
     */
    boolean keepDictionary(long bytes) {
        long ownBytes = dictionaryBytes.addAndGet(bytes);
        memory.keep(bytes);
        return ownBytes <= memory.room(memory.grantedTopicBytes() / 2);
    }

    /** A dictionary's memory is free. */
    void freeDictionary(long bytes) {
        dictionaryBytes.addAndGet(-bytes);
        memory.keep(-bytes);
        remove(bytes);
    }

    /** Holds the topic back or lets it continue, and looks again: what another thread did meanwhile may call for the other. */
    void judge() {
        while (true) {
            boolean isOver = memory.isShort() && usedBytes.get() > markBytes();
            if (!isHeldBack.compareAndSet(!isOver, isOver)) {
                return;
            }
            publications.forEach(Publication::onMemory);
        }
    }

    /** Returns what the topic may use where memory is short; a little less where it is held back, so that it stays so. */
    private long markBytes() {
        long shareBytes = memory.shareBytes();
        return isHeldBack.get() ? shareBytes - shareBytes / 8 : shareBytes;
    }

    /** Returns whether the topic's publishers pause. */
    boolean isHeldBack() {
        return isHeldBack.get();
    }

    long usedBytes() {
        return usedBytes.get();
    }

    /** Notes what is held of the log, as it was when some of that was wanted. */
    void setHeld(Held now) {
        held = now;
    }

    /** Returns what was held of the log when some of that was wanted last. */
    Held held() {
        return held;
    }

    MemoryBudget budget() {
        return memory;
    }
}
