package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;

/**
 * Where a subscription to a log begins and ends, in offsets. Immutable.
 *
 * @param from the first batch that it may get
 * @param until the first that it does not get; {@link TopicSubscription#LIVE} where it has no end
 */
record CursorRange(long from, long until) {
    /**
     * Says what a request means for a log as it is now.
     *
     * @param commits knows what there is beside the log
     * @throws ProtocolException {@code OFFSET_EXPIRED} where it wants what has left the window, {@code BAD_REQUEST} where
     *     it wants what will not come next
     */
    static CursorRange of(SubscribeRequest request, TopicLog log, Commits commits, boolean isSealed) {
        return new CursorRange(from(request, log, commits.firstOffset()), until(request, commits, isSealed));
    }

    private static long from(SubscribeRequest request, TopicLog log, long first) {
        long next = log.committedOffset();
        long value = request.from().value();
        return switch (request.from().kind()) {
            case LATEST -> next;
            case EARLIEST -> first;
            case LAST -> Math.max(first, next - value);
            case TIME -> Math.max(first, log.offsetOfTime(value));
            case OFFSET -> {
                if (value < first) {
                    throw ProtocolException.of(
                            ErrorCode.OFFSET_EXPIRED, "bowstring.from", value, ">= " + first + ", or earliest");
                }
                if (value > next) {
                    throw ProtocolException.of(ErrorCode.BAD_REQUEST, "bowstring.from", value, "<= " + next);
                }
                yield value;
            }
        };
    }

    private static long until(SubscribeRequest request, Commits commits, boolean isSealed) {
        long last = commits.endOffset(); // where it is sealed, there is no more
        long value = request.until().value();
        return switch (request.until().kind()) {
            case LIVE -> isSealed ? last : TopicSubscription.LIVE;
            case END -> commits.readableEnd();
            case OFFSET -> isSealed ? Math.min(last, value) : value;
        };
    }
}
