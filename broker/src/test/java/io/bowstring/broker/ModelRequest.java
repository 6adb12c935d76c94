package io.bowstring.broker;

import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
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
                request.from(next),
                request.until(next),
                policies.get(random.nextInt(policies.size())),
                null);
    }

    private StartPosition from(long next) {
        return switch (random.nextInt(5)) {
            case 0, 1 -> StartPosition.LATEST;
            case 2 -> StartPosition.EARLIEST;
            case 3 -> StartPosition.last(1 + random.nextInt(12));
            default -> StartPosition.offset(near(next));
        };
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
}
