package io.bowstring.it;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/** Makes topics with the largest schemas that are allowed. Confined to the attacker's thread. */
final class GiantSchemas implements Attack {

    private static final List<IpcField> FIELDS = IntStream.range(0, 150)
            .mapToObj(i -> IpcField.of(i + "x".repeat(64_000), false, IpcType.INT64))
            .toList();
    private static final int PERIOD = 20;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (count++ % PERIOD == 0) {
            crowd.receive(4_096);
            crowd.keep(
                    Math.min(60, crowd.strangers().size() + 1),
                    stranger -> stranger.send(
                            RequestBytes.publish(FIELDS, "attack-giant-" + count / PERIOD), RequestBytes.END));
        }
        crowd.flush();
    }
}
