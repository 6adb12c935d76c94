package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

class PeerLogTest {
    private final List<String> lines = new ArrayList<>();
    private long nanos = Long.MAX_VALUE - 1;
    private final PeerLog log = new PeerLog(() -> nanos, (line, fault) -> lines.add(line));

    private void say(int count) {
        for (int i = 0; i < count; i++) {
            log.say("peer cut");
        }
    }

    @Test
    void saysWhatHappens() {
        say(1);

        assertThat(lines).containsExactly("peer cut");
    }

    @Test
    void saysOnlyHowManyWhereManyComeAtOnce() {
        say(1_000);
        assertThat(lines).hasSize(PeerLog.LINES_AT_ONCE);

        nanos += TimeUnit.SECONDS.toNanos(1);
        say(3);
        assertThat(lines).hasSize(PeerLog.LINES_AT_ONCE + 1).endsWith("peer cut; and 990 more before");

        nanos += TimeUnit.SECONDS.toNanos(2);
        say(1);
        assertThat(lines).endsWith("peer cut; and 2 more before");
        nanos += TimeUnit.HOURS.toNanos(1);
        say(1_000);
        assertThat(lines).hasSize(2 * PeerLog.LINES_AT_ONCE + 2);
    }

    @Test
    void writesOneLineWhateverThePeerSays() {
        log.say("topic: a\n12:00 INFO all is well");

        assertThat(lines).containsExactly("topic: a·12:00 INFO all is well");
    }

    @Test
    @Timeout(60)
    void isNotFloodedByRefusals() throws Exception {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream error = System.err;
        Logger logger = (Logger) LoggerFactory.getLogger("io.bowstring.server");
        long beginNanos = System.nanoTime();
        try (Server server = Server.start(Topics.unlimitedRates())) {
            System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
            logger.setLevel(Level.INFO);
            for (int i = 0;
                    i < 100 || written.size() == 0;
                    i++) { // other tests may have used up the room; bounded by the timeout
                try (WireClient client = WireClient.connect(server)) {
                    client.send(Messages.publish("..")).expectRefusal("BAD_TOPIC_NAME");
                }
            }
        } finally {
            logger.setLevel(null);
            System.setErr(error);
        }

        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beginNanos);
        assertThat(written.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("refused: BAD_TOPIC")))
                .hasSizeBetween(1, (int) (PeerLog.LINES_AT_ONCE + seconds + 1));
    }
}
