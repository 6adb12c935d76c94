package io.bowstring.it;

import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Subscribes to columns with very long names of a topic that nobody publishes to. Confined to the attacker's thread. */
final class LongColumnNames implements Attack {

    private static final String COLUMNS =
            IntStream.range(0, 9_000).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    private static final byte[] REQUEST = RequestBytes.subscribe("attack-waiting", "bowstring.columns", COLUMNS);

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(400, stranger -> stranger.send(REQUEST));
        crowd.flush();
    }
}
