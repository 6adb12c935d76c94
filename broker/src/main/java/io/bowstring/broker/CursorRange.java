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
     * @throws ProtocolException {@code OFFSET_EXPIRED} where it wants what has left the window, {@code BAD_REQUEST} where
     *     it wants what will not come next
     */
    static CursorRange of(SubscribeRequest request, TopicLog log, boolean isSealed) {
        return new CursorRange(from(request, log.firstOffset(), log.committedOffset()), until(request, log, isSealed));
    }

    private static long from(SubscribeRequest request, long first, long next) {
        long value = request.from().value();
        return switch (request.from().kind()) {
            case LATEST -> next;
            case EARLIEST -> first;
            case LAST -> Math.max(first, next - value);
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

    private static long until(SubscribeRequest request, TopicLog log, boolean isSealed) {
        long next = log.committedOffset();
        long value = request.until().value();
        return switch (request.until().kind()) {
            case LIVE -> isSealed ? next : TopicSubscription.LIVE;
            case END -> next;
            case OFFSET -> isSealed ? Math.min(next, value) : value;
        };
    }
}
