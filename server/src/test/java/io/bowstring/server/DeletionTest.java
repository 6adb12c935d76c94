package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Topics that are deleted, over sockets. */
@ExtendWith(LeakDetection.class)
class DeletionTest {
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void answersWhenTheTopicIsGone() throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("t", "bowstring.ack", "true"), Messages.batch(1), Messages.END);
            while (client.next().kind() != Received.Kind.END) {
                continue;
            }
            client.send(delete("t"));
            Received reply = client.next();
            assertThat(reply.kind()).isEqualTo(Received.Kind.SCHEMA);
            assertThat(reply.metadata()).isEmpty();
            client.expectEnd();

            assertThat(Topics.list(client)).isEmpty();
            client.send(delete("t")).expectRefusal("UNKNOWN_TOPIC").expectFin();
        }
    }

    @Test
    void refusesPublishersAndResetsSubscribers() throws Exception {
        try (WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server);
                WireClient client = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            publisher.send(Messages.publish("t"), Messages.batch(1));
            subscriber.expectStart("t", 0).expectBatch(0, 1);

            client.send(delete("t"));
            assertThat(client.next().metadata()).isEmpty();
            client.expectEnd();

            publisher.expectRefusal("UNKNOWN_TOPIC");
            subscriber.expectReset();
        }
    }

    @Test
    void harmsNoSubscriptionThatWaits() throws Exception {
        try (WireClient subscriber = WireClient.connect(server);
                WireClient publisher = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            try (WireClient client = WireClient.connect(server)) {
                client.send(delete("t")).expectRefusal("UNKNOWN_TOPIC");
            }
            publisher.send(Messages.publish("t"), Messages.batch(1));

            subscriber.expectStart("t", 0).expectBatch(0, 1);
        }
    }

    @Test
    void refusesNamesThatNoTopicCanHave() throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(delete("..")).expectRefusal("BAD_TOPIC_NAME");
        }
    }

    @Test
    void limitsTheTopicsThatOneAddressMakes() throws Exception {
        BrokerConfig broker = BrokerConfig.DEFAULTS;
        try (Server limited = Server.start(ServerConfig.DEFAULTS
                        .withPort(0)
                        .withBroker(broker.withTopics(broker.topics().withMaxNewTopicsPerMinute(2))));
                WireClient first = WireClient.connect(limited);
                WireClient second = WireClient.connect(limited)) {
            for (String topic : List.of("a", "b", "a")) {
                first.send(Messages.publish(topic, "bowstring.ack", "true"), Messages.END);
                while (first.next().kind() != Received.Kind.END) {
                    continue;
                }
            }

            second.send(Messages.publish("c")).expectRefusal("LIMIT_REACHED");
            first.send(Messages.subscribe("d")).expectRefusal("LIMIT_REACHED");
            assertThat(Topics.list(limited)).hasSize(2);
        }
    }

    private static byte[] delete(String topic) {
        return Messages.concat(Messages.schema(List.of(), Map.of("bowstring.delete", topic)), Messages.END);
    }
}
