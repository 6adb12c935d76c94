package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicOverride;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A server with durable topics that is stopped and started again with the same data directory. Confined to the test's thread. */
final class DurableServer implements AutoCloseable {
    private final Path data;
    private Server server;

    /** Starts a server. */
    DurableServer(Path data) throws Exception {
        this.data = data;
        this.server = start(TopicConfig.DEFAULTS);
    }

    private Server start(TopicConfig topic, TopicOverride... overrides) throws Exception {
        return Server.start(ServerConfig.DEFAULTS
                .withPort(0)
                .withStorage(new StorageConfig(data, 0))
                .withBroker(BrokerConfig.DEFAULTS.withTopic(topic).withOverrides(List.of(overrides))));
    }

    /** Stops the server in order, and starts another with the same directory. */
    void restart(TopicConfig topic, TopicOverride... overrides) throws Exception {
        server.close();
        server = start(topic, overrides);
    }

    void restart() throws Exception {
        restart(TopicConfig.DEFAULTS);
    }

    /** Returns the server that runs now. */
    Server running() {
        return server;
    }

    WireClient connect() throws IOException {
        return WireClient.connect(server);
    }

    WireClient subscribe(String topic, String... keysAndValues) throws IOException {
        return connect().send(Messages.subscribe(topic, keysAndValues));
    }

    /** Publishes batches and waits until they are acknowledged. */
    void publish(String topic, byte[]... batches) throws IOException {
        publish(Messages.publish(topic, "bowstring.ack", "true"), batches);
    }

    void publish(byte[] request, byte[]... batches) throws IOException {
        try (WireClient client = connect()) {
            client.send(request).send(batches).send(Messages.END);
            for (Received next = client.next(); next.kind() != Received.Kind.END; next = client.next()) {
                assertThat(next.metadata()).doesNotContainKey("bowstring.error");
                if (next.kind() == Received.Kind.BATCH) {
                    assertThat(next.columns().get(1)).isNotNull();
                }
            }
        }
    }

    /** Returns the files of a topic whose names have an end. */
    List<Path> files(String topic, String end) throws IOException {
        try (Stream<Path> files = Files.list(data.resolve(topic))) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
