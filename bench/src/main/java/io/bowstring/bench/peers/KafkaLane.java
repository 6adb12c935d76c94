package io.bowstring.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/** One Kafka broker that syncs what it has appended before it acknowledges, loaded by Kafka's own Java client. Immutable. */
final class KafkaLane implements JavaLane {
    @Override
    public String name() {
        return Lanes.KAFKA_ALWAYS;
    }

    @Override
    public String version(Programs programs) {
        return "Kafka " + version() + ", flush.messages = 1, " + KafkaParties.settings();
    }

    /** Returns the version that the jar of the client says; it is not in the manifest. */
    private static String version() {
        Properties version = new Properties();
        try (InputStream file = KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            if (file != null) {
                version.load(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return version.getProperty("version", "of unknown version");
    }

    @Override
    public Relay relay(Path folder) throws IOException {
        return KafkaRelay.start(folder);
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new KafkaParties(relay.port());
    }

    @Override
    public boolean isInMemory() {
        return false;
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return Durability.refusal(shape);
    }
}
