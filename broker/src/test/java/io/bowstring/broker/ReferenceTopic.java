package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

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

    /** A batch that was appended: its place in the list is its offset. */
    record Batch(
            long value,
            int rows,
            boolean isMarked,
            long timeMicros,
            long appendedNanos,
            long weight,
            ModelDictionaries dictionaries) {}

    ReferenceTopic(TopicConfig config) {
        this.config = config;
    }

    /** A batch has been appended, and has pushed out those for which there is no room beside it. */
    void append(long offset, Batch batch) {
        require(offset == batches.size() && !isSealed, "batches are appended at the end", offset);
        require(!mustWait(batch.weight), "what somebody who blocks still needs stays", this);
        for (; first < batches.size() && !fits(first, bytes + batch.weight); first++) {
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
        return first - before;
    }

    /** Nothing happens any more. */
    void rest(long nowNanos) {
        boolean isLate = first < batches.size() && isAged(first, nowNanos - TIMER_NANOS) && !isHeld(first);
        require(!isLate, "what is of age has left", this);
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

    /** Returns whether a subscriber who blocks still needs a batch. */
    private boolean isHeld(int offset) {
        return cursors.stream().anyMatch(cursor -> cursor.holds(offset));
    }

    /** Returns whether one more batch may come while those from an offset on stay, {@code withBytes} in all. */
    private boolean fits(int offset, long withBytes) {
        return withBytes <= config.windowBytes() && batches.size() - offset < config.windowBatches();
    }

    /** Returns whether a batch would push out what a subscriber who blocks still needs. */
    boolean mustWait(long weight) {
        long left = bytes;
        for (int offset = first; offset < batches.size() && !fits(offset, left + weight); offset++) {
            if (isHeld(offset)) {
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
        if (request.from().kind() != StartPosition.Kind.OFFSET || offset >= first && offset <= batches.size()) {
            return null;
        }
        return offset < first ? ErrorCode.OFFSET_EXPIRED : ErrorCode.BAD_REQUEST;
    }

    /** Begins a subscription that is not refused. */
    Cursor open(SubscribeRequest request) {
        long next = switch (request.from().kind()) {
            case LATEST -> batches.size();
            case EARLIEST -> first;
            case LAST -> Math.max(first, batches.size() - request.from().value());
            case OFFSET -> request.from().value();
        };
        long until = switch (request.until().kind()) {
            case LIVE -> TopicSubscription.LIVE;
            case END -> batches.size();
            case OFFSET -> request.until().value();
        };
        Cursor cursor = new Cursor(next, until, request.onLag());
        cursors.add(cursor);
        return cursor;
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

    long next() {
        return batches.size();
    }

    long bytes() {
        return bytes;
    }

    long rows() {
        return batches.subList(first, batches.size()).stream()
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
        return "window " + first + ".." + batches.size() + (isSealed ? " sealed" : "");
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
            require(offset >= first && offset < batches.size(), "what is delivered is in the window: " + offset, this);
            require(offset < end(), "nothing is delivered behind the end: " + offset, this);
            long expected = next >= first || onLag != LagPolicy.DROP ? next : first;
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
            return next < Math.min(first, end()) && (onLag != LagPolicy.DROP || first >= end());
        }

        /** Nothing happens any more. */
        void rest(boolean isWritable) {
            require(next < end(), "it should be complete", this);
            require(!isLost(), "it should be cut", this);
            boolean hasMore = Math.max(next, first) < batches.size();
            require(!isWritable || !hasMore, "it should have got more", this);
        }

        @Override
        public String toString() {
            return "at " + next + " until " + until + " " + onLag + " of " + ReferenceTopic.this;
        }
    }
}
