package io.bowstring.it;

import java.io.IOException;

/** Waits in numbers for columns that a topic will not have, and then makes the topic. Confined to the attacker's thread. */
final class WrongColumns implements Attack {

    private static final int PERIOD = 100;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        String topic = "attack-wrong-" + count / PERIOD;
        if (++count % PERIOD == 0) {
            crowd.connect(1).send(RequestBytes.publish(RequestBytes.numbers(1), topic), RequestBytes.END);
        }
        crowd.keep(300, stranger -> stranger.send(RequestBytes.subscribe(topic, "bowstring.columns", "none")));
        crowd.receive(256);
    }
}
