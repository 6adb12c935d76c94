package io.bowstring.it;

import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * How somebody joins a topic, and with which batch that has to begin.
 *
 * @param request that is made
 * @param limit of batches, then he leaves
 * @param knownOffset the offset after all that were known before: the topic had at least these
 */
record JoinPlan(SubscribeRequest request, long limit, long knownOffset) {
    private static final int LONGEST = 400;

    /** Draws a plan: of which kind, from where, for how long, of which columns and with which policy. */
    static JoinPlan draw(Random random, TopicRecord record) {
        long known = record.nextOffset();
        long limit = 1 + (long) Math.pow(LONGEST, random.nextDouble());
        SubscribeRequest request = SubscribeRequest.of(record.topic())
                .from(start(random, record, known))
                .onLag(LagPolicy.values()[random.nextInt(LagPolicy.values().length)]);
        if (request.from().kind() == StartPosition.Kind.OFFSET && random.nextBoolean()) {
            request = request.until(EndPosition.before(request.from().value() + limit));
        } else if (random.nextInt(4) == 0) {
            request = request.untilEnd();
        }
        if (random.nextBoolean()) {
            List<String> columns = new ArrayList<>(NumberedBatch.COLUMNS);
            Collections.shuffle(columns, random);
            int count = 1 + random.nextInt(columns.size());
            request = request.columns(columns.get(0), columns.subList(1, count).toArray(String[]::new));
        }
        return new JoinPlan(request, limit, known);
    }

    /** Draws among what is known: far back, or near to its end, where memory and disk meet. */
    private static StartPosition start(Random random, TopicRecord record, long known) {
        long back = (long) Math.pow(known, random.nextDouble());
        return switch (random.nextInt(8)) {
            case 0 -> StartPosition.EARLIEST;
            case 1, 2 -> StartPosition.last(back);
            case 3, 4, 5 -> StartPosition.offset(known - back);
            default -> {
                long micros = record.entry(known - back).timeMicros();
                boolean isOneLater = micros < record.entry(known - 1).timeMicros() && random.nextBoolean();
                yield new StartPosition(StartPosition.Kind.TIME, micros + (isOneLater ? 1 : 0));
            }
        };
    }

    /**
     * Requires that what has come is what was asked for: contiguous, and the same as is known by now.
     *
     * @param publishedOffset the topic had fewer batches than this when it came
     */
    void require(List<Joiner.Joined> joined, TopicRecord record, long publishedOffset) {
        if (joined.isEmpty()) {
            throw wrong("no batch", "from " + request.from());
        }
        long offset = joined.get(0).offset();
        requireStart(offset, record, publishedOffset);
        for (Joiner.Joined batch : joined) {
            TopicRecord.Entry known = record.entry(offset);
            boolean isSame = batch.offset() == offset
                    && batch.entry().timeMicros() == known.timeMicros()
                    && batch.entry().batch().isPartOf(known.batch());
            if (!isSame) {
                throw wrong(batch, "offset " + offset + ", " + known);
            }
            offset++;
        }
        requireEnd(offset, joined.size());
    }

    private void requireStart(long first, TopicRecord record, long publishedOffset) {
        StartPosition from = request.from();
        boolean isRight = switch (from.kind()) {
            case EARLIEST -> first == 0;
            case OFFSET -> first == from.value();
            case LAST ->
                first >= Math.max(0, knownOffset - from.value())
                        && first <= Math.max(0, publishedOffset - from.value());
            default ->
                record.entry(first).timeMicros() >= from.value()
                        && (first == 0 || record.entry(first - 1).timeMicros() < from.value());
        };
        if (!isRight) {
            throw wrong("begins with offset " + first, "as asked for");
        }
    }

    /** The end of the topic is a place that only the server knows: it is after all that was known before. */
    private void requireEnd(long next, int count) {
        boolean isRight = count == limit || (request.until().kind() == EndPosition.Kind.END && next >= knownOffset);
        if (!isRight) {
            throw wrong("ends before offset " + next + " after " + count, "as asked for");
        }
    }

    private AssertionError wrong(Object found, Object expected) {
        return new AssertionError(this + ": " + found + " (expected: " + expected + ")");
    }
}
