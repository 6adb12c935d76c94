package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * What a topic promises, in plain lists: the reference that the broker is held against. It hears what happens in the
 * order in which it happens, and throws where that must not happen.
 *
 * <p>Confined to the test's thread.
 */
final class ReferenceTopic {
    /** A timer sees to all that has come of age in such a time, so that a batch may stay for so much longer. */
    private static final long TIMER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final TopicConfig config;
    private final List<Batch> batches = new ArrayList<>();
    private final List<Cursor> cursors = new ArrayList<>();
    private int first;
    private long bytes;
    private boolean isSealed;

    /** What is committed later than it is appended; null where that is one. */
    private final ReferenceLog log;

    /** A batch that was appended: its place in the list is its offset. */
    record Batch(
            long value,
            int rows,
            boolean isMarked,
            long timeMicros,
            long appendedNanos,
            long weight,
            ModelDictionaries dictionaries) {}

    /** Creates the reference of a topic with a log beyond its memory; null where it has none. */
    ReferenceTopic(TopicConfig config, ReferenceLog log) {
        this.config = config;
        this.log = log;
    }

    /** A batch has been appended, and has pushed out those for which there is no room beside it. */
    void append(long offset, Batch batch) {
        require(offset == batches.size() && !isSealed, "batches are appended at the end", offset);
        require(log != null || !mustWait(batch.weight), "what somebody who blocks still needs stays", this);
        // Of a log, this is seen a little later, when some of that may have been of age.
        long leaving = log == null ? batches.size() : log.windowFirst();
        for (; first < leaving && first < batches.size() && !fits(first, bytes + batch.weight); first++) {
            bytes -= batches.get(first).weight;
        }
        batches.add(batch);
        bytes += batch.weight;
    }

    /**
     * The broker says which batch is the oldest now. Those that have left before it, unless an append has pushed them out, were of
     * age, and nobody held them.
     *
     * @return how many have left
     */
    int observe(long firstOffset, long nowNanos) {
        require(firstOffset >= first && firstOffset <= batches.size(), "the window moves on: " + firstOffset, this);
        int before = first;
        for (; first < firstOffset; first++) {
            require(isAged(first, nowNanos), "what leaves is of age: " + first, this);
            require(!isHeld(first), "what somebody who blocks still needs stays: " + first, this);
            bytes -= batches.get(first).weight;
        }
        require(first <= committed(), "what is not committed stays", this);
        return first - before;
    }

    /** The log says which batch is the oldest now that it has. */
    void observeDropped(long from, long until) {
        for (long offset = from; offset < until; offset++) {
            require(!isNeeded(offset), "the log drops nothing that somebody who blocks still needs: " + offset, this);
        }
    }

    /** Nothing happens any more. */
    void rest(long nowNanos) {
        boolean isLate = first < committed() && isAged(first, nowNanos - TIMER_NANOS) && !isHeld(first);
        boolean isFresh = log != null && nowNanos - log.committedNanos() < TIMER_NANOS;
        require(!isLate || isFresh, "what is of age has left", this);
    }

    /** Returns whether somebody holds a batch that is of age. */
    boolean isOverdue(long nowNanos) {
        return first < batches.size() && isAged(first, nowNanos) && isHeld(first);
    }

    /** Returns whether that is so, and has been for so long that the timer has seen it. */
    boolean isSeenOverdue(long nowNanos) {
        return isOverdue(nowNanos - TIMER_NANOS);
    }

    private boolean isAged(int offset, long nowNanos) {
        long ageNanos = config.windowAge().toNanos();
        return ageNanos > 0 && nowNanos - batches.get(offset).appendedNanos >= ageNanos;
    }

    /** Returns whether a batch must stay in memory because a subscriber who blocks still needs it. */
    private boolean isHeld(int offset) {
        return log == null && isNeeded(offset);
    }

    /** Returns whether a subscriber who blocks still needs a batch. */
    private boolean isNeeded(long offset) {
        return cursors.stream().anyMatch(cursor -> cursor.holds(offset));
    }

    /** Returns whether one more batch may come while those from an offset on stay, {@code withBytes} in all. */
    private boolean fits(int offset, long withBytes) {
        return withBytes <= config.windowBytes() && batches.size() - offset < config.windowBatches();
    }

    /** Returns whether the log has more than it may have, and a subscriber who blocks still needs that. */
    boolean isSurplusHeld() {
        return log != null
                && log.surplusBefore() > log.dropped()
                && LongStream.range(log.dropped(), log.surplusBefore()).anyMatch(this::isNeeded);
    }

    /** Returns whether a batch would push out what a subscriber who blocks still needs, or what is not committed. */
    boolean mustWait(long weight) {
        if (isSurplusHeld()) {
            return true;
        }
        long left = bytes;
        for (int offset = first; offset < batches.size() && !fits(offset, left + weight); offset++) {
            if (isHeld(offset) || offset >= committed()) {
                return true;
            }
            left -= batches.get(offset).weight;
        }
        return false;
    }

    void seal() {
        isSealed = true;
    }

    /** Returns why a subscription that begins now is refused, or null where it is not. */
    ErrorCode refusal(SubscribeRequest request) {
        long offset = request.from().value();
        if (request.from().kind() != StartPosition.Kind.OFFSET || offset >= oldest() && offset <= committed()) {
            return null;
        }
        return offset < oldest() ? ErrorCode.OFFSET_EXPIRED : ErrorCode.BAD_REQUEST;
    }

    /** Begins a subscription that is not refused. */
    Cursor open(SubscribeRequest request) {
        long next = switch (request.from().kind()) {
            case LATEST -> committed();
            case EARLIEST -> oldest();
            case LAST -> Math.max(oldest(), committed() - request.from().value());
            case OFFSET -> request.from().value();
            case TIME -> firstSince(request.from().value());
        };
        long until = switch (request.until().kind()) {
            case LIVE -> TopicSubscription.LIVE;
            case END -> committed();
            case OFFSET -> request.until().value();
        };
        Cursor cursor = new Cursor(next, until, request.onLag());
        cursors.add(cursor);
        return cursor;
    }

    /** Returns whether there is a log beyond the memory. */
    boolean isDurable() {
        return log != null;
    }

    private int firstSince(long micros) {
        int offset = first;
        while (offset < batches.size() && batches.get(offset).timeMicros < micros) {
            offset++;
        }
        return offset;
    }

    /** Returns when a batch was appended, which may have left. */
    long timeMicros(long offset) {
        return batches.get((int) offset).timeMicros;
    }

    /** Returns the dictionaries of the newest batch, if that is there. */
    ModelDictionaries newestDictionaries() {
        return first == batches.size() ? ModelDictionaries.NONE : batches.get(batches.size() - 1).dictionaries;
    }

    boolean isSealed() {
        return isSealed;
    }

    long first() {
        return first;
    }

    /** Returns the offset of the oldest batch that those who have begun may still get. */
    private long left() {
        return Math.min(first, oldest());
    }

    /** Returns the offset of the oldest batch that is to be had. */
    private long oldest() {
        return log == null ? first : log.dropped();
    }

    /** Returns the offset of the first batch that nobody may read yet. */
    long committed() {
        return log == null ? batches.size() : log.committed();
    }

    long next() {
        return batches.size();
    }

    long bytes() {
        return bytes;
    }

    /** Returns how many rows the batches have from an offset on that may be read. */
    long rows(long from) {
        return batches.subList((int) from, (int) committed()).stream()
                .mapToLong(Batch::rows)
                .sum();
    }

    static void require(boolean isSo, String rule, Object subject) {
        if (!isSo) {
            throw new AssertionError(rule + ": " + subject);
        }
    }

    @Override
    public String toString() {
        String more = (isSealed ? " sealed" : "") + (log == null ? "" : " of a log " + log);
        return "window " + first + ".." + batches.size() + more;
    }

    /** What one subscription may see. */
    final class Cursor {
        private final long until;
        private final LagPolicy onLag;
        private long next;

        private Cursor(long next, long until, LagPolicy onLag) {
            this.next = next;
            this.until = until;
            this.onLag = onLag;
        }

        long next() {
            return next;
        }

        private boolean holds(long offset) {
            return onLag == LagPolicy.BLOCK && next <= offset && offset < end();
        }

        private long end() {
            return isSealed ? Math.min(until, batches.size()) : until;
        }

        /** The subscriber gets a batch that says that so many were missed; returns what it must be. */
        Batch deliver(long offset, long gap) {
            require(offset >= left() && offset < committed(), "what is delivered is in the window: " + offset, this);
            require(offset < end(), "nothing is delivered behind the end: " + offset, this);
            long expected = next >= left() || onLag != LagPolicy.DROP ? next : oldest();
            require(offset == expected && gap == expected - next, "gap " + gap + " in front of " + offset, this);
            next = offset + 1;
            return batches.get((int) offset);
        }

        /** The subscription has come to its end. */
        void complete() {
            require(next >= end(), "it is not complete", this);
            close();
        }

        /** The subscription is broken off. */
        void cut() {
            require(isLost(), "it has not lost anything", this);
            close();
        }

        /** The subscriber takes no more. */
        void close() {
            cursors.remove(this);
        }

        /** The next batch is gone, and so is every later one that could tell the subscriber. */
        private boolean isLost() {
            return next < Math.min(left(), end()) && (onLag != LagPolicy.DROP || oldest() >= end());
        }

        /** Nothing happens any more. */
        void rest(boolean isWritable) {
            require(next < end(), "it should be complete", this);
            // What the log drops, it notices where it goes on.
            require(!isLost() || log != null && !isWritable, "it should be cut", this);
            boolean hasMore = Math.max(next, oldest()) < committed();
            require(!isWritable || !hasMore, "it should have got more", this);
        }

        @Override
        public String toString() {
            return "at " + next + " until " + until + " " + onLag + " of " + ReferenceTopic.this;
        }
    }
}
