package io.bowstring.it;

import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Wants the columns of a topic in many orders; every other one reads what it gets. Confined to the attacker's thread. */
final class ManyProjections implements Attack {

    private static final String TOPIC = "attack-columns";
    private static final int COLUMNS = 8;
    private static final byte[] BATCH = RequestBytes.batch(COLUMNS, 4_096);
    private static final int PERIOD = 5;

    private Stranger publisher;
    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (publisher == null || !publisher.isOpen()) {
            publisher = crowd.connect(0).send(RequestBytes.publish(RequestBytes.numbers(COLUMNS), TOPIC));
        }
        if (count++ % PERIOD == 0 && publisher.hasSentAll()) {
            publisher.send(BATCH);
        }
        crowd.keep(
                33,
                stranger -> stranger.send(RequestBytes.subscribe(
                        TOPIC, "bowstring.columns", order(count++), "bowstring.on-lag", "drop")));
        publisher.flush();
        for (int i = 0; i < crowd.strangers().size(); i += 2) {
            crowd.strangers().get(i).receive(1 << 18);
        }
    }

    /** Returns one of many orders. */
    private static String order(int which) {
        return IntStream.range(0, COLUMNS)
                .filter(i -> (which >> i & 1) == 0)
                .mapToObj(i -> "n" + (i + which) % COLUMNS)
                .collect(Collectors.joining(","));
    }
}
