package io.bowstring.it;

import java.io.IOException;

/** Publishes large dictionaries and hardly any batches, by many publishers. Confined to the attacker's thread. */
final class LargeDictionaries implements Attack {

    private static final int PUBLISHERS = 10;
    private static final byte[] DICTIONARY = RequestBytes.dictionary(4 << 20);
    private static final byte[] BATCH = RequestBytes.word();
    private static final int PERIOD = 20;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        crowd.keep(
                PUBLISHERS,
                stranger -> stranger.send(
                        RequestBytes.publish(RequestBytes.WORDS, "attack-dictionary-" + count++ % PUBLISHERS)));
        if (count++ % PERIOD == 0) {
            Stranger next =
                    crowd.strangers().get(count / PERIOD % crowd.strangers().size());
            if (next.hasSentAll()) {
                next.send(DICTIONARY, BATCH);
            }
        }
        crowd.receive(256);
        crowd.flush();
    }
}
