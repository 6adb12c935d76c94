package io.bowstring.it;

import java.io.IOException;
import java.util.Arrays;

/** Sends nearly all of the largest bodies and then a few bytes now and then. Confined to the attacker's thread. */
final class UnfinishedBodies implements Attack {

    private static final String TOPIC = "attack-unfinished-";
    private static final int BODY_BYTES = 60 << 20;
    private static final byte[] WHOLE = RequestBytes.batch(1, BODY_BYTES / Long.BYTES);
    private static final byte[] HEAD = Arrays.copyOf(WHOLE, WHOLE.length - BODY_BYTES);
    private static final byte[] MOST = new byte[BODY_BYTES - (1 << 20)];
    private static final byte[] LITTLE = new byte[64];
    private static final int PERIOD = 5;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(
                12,
                stranger ->
                        stranger.send(RequestBytes.publish(RequestBytes.numbers(1), TOPIC + count++ % 3), HEAD, MOST));
        if (count++ % PERIOD == 0) {
            crowd.strangers().stream().filter(Stranger::hasSentAll).forEach(stranger -> stranger.send(LITTLE));
        }
        crowd.flush();
    }
}
