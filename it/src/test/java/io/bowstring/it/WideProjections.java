package io.bowstring.it;

import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Wants of a wide topic one column, which pins whole batches, or most of the columns in an order of its own, which makes
 * large schemas and metadata; does not read what it gets. Confined to the attacker's thread.
 */
final class WideProjections implements Attack {

    private static final String TOPIC = "attack-wide";
    private static final int COLUMNS = 1_000;
    private static final byte[] BATCH = RequestBytes.batch(COLUMNS, 32);
    private static final int PERIOD = 5;

    private Stranger publisher;
    private int steps;
    private int orders;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(0).send(RequestBytes.publish(RequestBytes.numbers(COLUMNS), TOPIC));
        }
        if (steps++ % PERIOD == 0 && publisher.hasSentAll()) {
            publisher.send(BATCH);
        }
        crowd.keep(
                100,
                stranger -> stranger.send(RequestBytes.subscribe(
                        TOPIC, "bowstring.columns", columns(orders++), "bowstring.on-lag", "drop")));
        crowd.flush();
    }

    private static String columns(int which) {
        return IntStream.range(0, which % 2 == 0 ? 1 : COLUMNS - 1)
                .mapToObj(i -> "n" + (i + which) % COLUMNS)
                .collect(Collectors.joining(","));
    }
}
