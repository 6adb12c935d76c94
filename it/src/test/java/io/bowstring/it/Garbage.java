package io.bowstring.it;

import java.io.IOException;
import java.util.Random;

/** Sends bytes that are no Arrow, or Arrow that is damaged. Confined to the attacker's thread. */
final class Garbage implements Attack {

    private static final byte[] STREAM = RequestBytes.concat(
            RequestBytes.publish(RequestBytes.numbers(3), "attack-garbage"),
            RequestBytes.batch(3, 100),
            RequestBytes.END);

    private final Random random = new Random(7);

    @Override
    public void step(Crowd crowd) throws IOException {
        byte[] damaged = STREAM.clone();
        for (int i = 0; i < 3; i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        byte[] noise = new byte[1 + random.nextInt(10_000)];
        random.nextBytes(noise);
        crowd.keep(100, stranger -> stranger.send(random.nextBoolean() ? noise : damaged));
        crowd.flush();
        crowd.receive(256);
    }
}
