package io.bowstring.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.io.IOException;
import java.util.stream.IntStream;

/** Makes topics with the largest schemas that are allowed. Confined to the attacker's thread. */
final class GiantSchemas implements Attack {

    private static final String TOPIC = "attack-giant-1000";
    private static final byte[] REQUEST = RequestBytes.publish(
            IntStream.range(0, 150)
                    .mapToObj(i -> IpcField.of(i + "x".repeat(64_000), false, IpcType.INT64))
                    .toList(),
            TOPIC);
    private static final int TOPIC_END = new String(REQUEST, ISO_8859_1).indexOf(TOPIC) + TOPIC.length();
    private static final int PERIOD = 20;

    private int count;

    @Override
    public void step(Crowd crowd) throws IOException {
        if (count++ % PERIOD == 0) {
            crowd.receive(4_096);
            crowd.keep(
                    Math.min(60, crowd.strangers().size() + 1),
                    stranger -> stranger.send(request(1_000 + count / PERIOD), RequestBytes.END));
        }
        crowd.flush();
    }

    /** Returns the request with another number in the name of its topic: to make it costs more than all other attacks. */
    private static byte[] request(int number) {
        byte[] request = REQUEST.clone();
        byte[] digits = Integer.toString(number).getBytes(ISO_8859_1);
        System.arraycopy(digits, 0, request, TOPIC_END - digits.length, digits.length);
        return request;
    }
}
