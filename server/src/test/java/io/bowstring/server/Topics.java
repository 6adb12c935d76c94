package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.bowstring.protocol.TopicTotals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What the server says of its topics, by the wire. Not instantiable. */
final class Topics {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Topics() {}

    /** Returns a configuration with which one address may connect and make topics as often as a test likes. */
    static ServerConfig unlimitedRates() {
        BrokerConfig broker = BrokerConfig.DEFAULTS;
        return ServerConfig.DEFAULTS
                .withPort(0)
                .withConnections(ConnectionLimits.DEFAULTS.withCounts(new ConnectionCounts(1_000, 1_000, 100_000)))
                .withBroker(broker.withTopics(broker.topics().withMaxNewTopicsPerMinute(100_000)));
    }

    static List<TopicStatus> list(Server server) throws IOException {
        try (WireClient client = WireClient.connect(server)) {
            return list(client);
        }
    }

    /** Sends a list request and reads the reply; the connection can be used again. */
    static List<TopicStatus> list(WireClient client) throws IOException {
        client.send(Messages.list(""));
        return readList(client);
    }

    /** Reads the reply to a list request. */
    static List<TopicStatus> readList(WireClient client) throws IOException {
        assertThat(client.next().kind()).isEqualTo(Received.Kind.SCHEMA);
        List<TopicStatus> rows = new ArrayList<>();
        Received page = client.next();
        while (page.kind() == Received.Kind.BATCH) {
            rows.addAll(rows(page.columns()));
            page = client.next();
        }
        assertThat(page.kind()).isEqualTo(Received.Kind.END);
        return rows;
    }

    private static List<TopicStatus> rows(List<List<Object>> columns) {
        List<TopicStatus> rows = new ArrayList<>();
        for (int i = 0; i < columns.get(0).size(); i++) {
            int row = i;
            List<Object> cells = columns.stream().map(column -> column.get(row)).toList();
            rows.add(new TopicStatus(
                    new TopicName((String) cells.get(0)),
                    (String) cells.get(1),
                    (long) cells.get(2),
                    (long) cells.get(3),
                    (long) cells.get(4),
                    (long) cells.get(5),
                    (long) cells.get(6),
                    (long) cells.get(7),
                    (long) cells.get(8),
                    (boolean) cells.get(9),
                    new TopicTotals(
                            (long) cells.get(10),
                            (long) cells.get(11),
                            (long) cells.get(12),
                            (long) cells.get(13),
                            (long) cells.get(14),
                            (long) cells.get(15),
                            (long) cells.get(16))));
        }
        return rows;
    }

    /** Asks until a topic is as expected. */
    static TopicStatus await(Server server, String topic, Predicate<TopicStatus> expected) throws IOException {
        try (WireClient client = WireClient.connect(server)) {
            return await(client, topic, expected);
        }
    }

    /** Asks until a topic is as expected, by a connection that can be used again. */
    static TopicStatus await(WireClient client, String topic, Predicate<TopicStatus> expected) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (; ; ) {
            List<TopicStatus> rows = list(client);
            for (TopicStatus row : rows) {
                if (row.topic().value().equals(topic) && expected.test(row)) {
                    return row;
                }
            }
            if (System.nanoTime() > deadline) {
                return fail("topic " + topic + " is still not as expected: " + rows);
            }
        }
    }
}
