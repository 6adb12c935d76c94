package io.bowstring.broker;

import io.bowstring.protocol.ColumnNames;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Draws what subscribers of a {@link ModelDriver} ask for. Confined to the test's thread. */
final class ModelRequest {
    private final SplittableRandom random;

    private ModelRequest(SplittableRandom random) {
        this.random = random;
    }

    /** Draws a request for a topic, mostly one that makes sense there. */
    static SubscribeRequest draw(ModelTopic topic, List<LagPolicy> policies, SplittableRandom random) {
        ModelRequest request = new ModelRequest(random);
        long next = topic.reference.next();
        return new SubscribeRequest(
                topic.name,
                request.from(topic.reference),
                request.until(next),
                policies.get(random.nextInt(policies.size())),
                request.columns(topic.kinds.length()));
    }

    /** On disk a time is looked for meanwhile, and what is found depends on the moment. */
    private StartPosition from(ReferenceTopic topic) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> StartPosition.LATEST;
            case 2 -> StartPosition.EARLIEST;
            case 3 -> StartPosition.last(1 + random.nextInt(12));
            case 4 ->
                topic.isDurable() ? StartPosition.EARLIEST : new StartPosition(StartPosition.Kind.TIME, time(topic));
            default -> StartPosition.offset(near(topic.next()));
        };
    }

    /** Returns when some batch was appended, whether it has left or not, or a moment before or after that. */
    private long time(ReferenceTopic topic) {
        long next = topic.next();
        return next == 0 ? 0 : topic.timeMicros(random.nextLong(next)) + random.nextInt(3) - 1;
    }

    private EndPosition until(long next) {
        return switch (random.nextInt(4)) {
            case 0 -> EndPosition.END;
            case 1 -> EndPosition.before(near(next));
            default -> EndPosition.LIVE;
        };
    }

    private long near(long offset) {
        return Math.max(0, offset + random.nextInt(24) - 12);
    }

    /** Returns some of the columns or none, in any order, and now and then one that the topic lacks; null for all. */
    private ColumnNames columns(int count) {
        if (random.nextBoolean()) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (int column = 0; column < count; column++) {
            if (random.nextInt(3) > 0) {
                insert(column, names);
            }
        }
        if (random.nextInt(16) == 0) {
            insert(count, names);
        }
        return new ColumnNames(names);
    }

    private void insert(int column, List<String> names) {
        names.add(random.nextInt(names.size() + 1), ModelColumns.name(column));
    }
}
