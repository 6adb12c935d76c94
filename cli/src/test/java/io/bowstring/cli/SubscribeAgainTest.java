package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A subscription on the command line whose topic, or server, is not there for a while. */
@Timeout(120)
class SubscribeAgainTest {
    private static String url(Server server) {
        return " --url bowstring://127.0.0.1:" + server.address().getPort();
    }

    private static void publish(Server server, String topic, long value) {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(value));
        Command publish = Command.run(stream, ("publish " + topic + url(server)).split(" "));
        assertThat(publish.exitCode()).as(publish.err()).isZero();
    }

    @Test
    void goesOnWhereTheServerIsStartedAgain() throws Exception {
        RunningCommand subscribe;
        int port;
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            port = server.address().getPort();
            publish(server, "t", 1);
            subscribe = new RunningCommand("subscribe t --from earliest --format json --limit 2" + url(server));
            subscribe.awaitOut("{\"n\":1}\n");
        }
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(port))) {
            publish(server, "t", 2);

            assertThat(subscribe.exitCode()).as(subscribe.err()).isZero();
        }
        assertThat(subscribe.out()).isEqualTo("{\"n\":1}\n{\"n\":2}\n");
        assertThat(subscribe.err())
                .contains("bowstring: subscription to t: the server has stopped; connecting again")
                .contains("bowstring: subscription to t: the topic has begun again")
                .contains("bowstring: subscription to t: continues");
    }

    @Test
    void namesNoTopicThatIsNotAlike() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            publish(server, "demo", 1);
            RunningCommand subscribe = new RunningCommand("subscribe zzz --format json --limit 1" + url(server));

            subscribe.awaitErr("there is no such topic yet, waiting for its first publisher");

            publish(server, "zzz", 2);
            assertThat(subscribe.exitCode()).isZero();
            assertThat(subscribe.err()).doesNotContain("nearest");
        }
    }

    @Test
    void saysThatItWaitsForAPublisherAndNamesTheNearestTopic() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            publish(server, "trades", 1);
            RunningCommand subscribe = new RunningCommand("subscribe tradse --format json --limit 1" + url(server));

            subscribe.awaitErr("bowstring: subscription to tradse: there is no such topic yet, waiting for its first"
                    + " publisher (the nearest topic is trades)");

            publish(server, "tradse", 2);
            assertThat(subscribe.exitCode()).isZero();
            assertThat(subscribe.out().getBytes(StandardCharsets.UTF_8))
                    .asString()
                    .isEqualTo("{\"n\":2}\n");
        }
    }
}
