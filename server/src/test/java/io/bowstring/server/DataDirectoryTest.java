package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Directories of topics that a server can use or not. */
@ExtendWith(LeakDetection.class)
class DataDirectoryTest {
    @TempDir
    private Path data;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(config());
    }

    private ServerConfig config() {
        return ServerConfig.DEFAULTS.withPort(0).withStorage(new StorageConfig(data, 0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Publishes a batch and waits until it is acknowledged. */
    private void publish(String topic) throws IOException {
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish(topic, "bowstring.ack", "true"), Messages.batch(1), Messages.END);
            while (client.next().kind() != Received.Kind.END) {
                continue;
            }
        }
    }

    private WireClient subscribe(String topic) throws IOException {
        return WireClient.connect(server).send(Messages.subscribe(topic, "bowstring.from", "earliest"));
    }

    @Test
    void refusesASecondServer() {
        assertThatThrownBy(() -> Server.start(config()))
                .isInstanceOf(StorageException.class)
                .hasMessage("data: " + data
                        + " (expected: a directory that this server can use alone): another server uses it");
    }

    @Test
    void refusesDirectoriesThatItCannotUse() throws Exception {
        Path file = Files.createFile(data.resolve("file"));
        for (Path path : List.of(file, file.resolve("below"), Path.of("/proc/bowstring"), deep())) {
            assertThatThrownBy(() -> Server.start(config().withStorage(new StorageConfig(path, 0))))
                    .isInstanceOf(StorageException.class)
                    .hasMessageStartingWith("data: " + path + " (expected: a directory")
                    .hasMessageNotContaining("null");
        }
    }

    /** Returns a path in which a topic with a long name could have no files. */
    private Path deep() {
        Path path = data;
        while (path.toString().length() < 3_800) {
            path = path.resolve("x".repeat(100));
        }
        return path;
    }

    @Test
    void refusesMoreTopicsThanThereMayBe() throws Exception {
        publish("a");
        publish("b");
        server.close();
        BrokerConfig broker = BrokerConfig.DEFAULTS;
        ServerConfig config =
                config().withBroker(broker.withTopics(broker.topics().withMaxTopics(1)));

        assertThatThrownBy(() -> Server.start(config))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("max-topics");

        server = Server.start(config());
        Topics.await(server, "a", row -> row.batches() == 1);
        Topics.await(server, "b", row -> row.batches() == 1);
    }

    @Test
    void opensOtherTopicsWhereOneHasAnUnknownFormat() throws Exception {
        publish("a");
        publish("b");
        server.close();
        Path index = data.resolve("a").resolve("00000000000000000000.index");
        byte[] ofNewer = withFormat2(Files.readAllBytes(index));
        Files.write(index, ofNewer);

        server = Server.start(config());

        try (WireClient client = subscribe("b")) {
            client.expectStart("b", 0).expectBatch(0, 1);
        }
        try (WireClient client = subscribe("a")) {
            client.expectRefusal("STORAGE_FAILED");
        }
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("a")).expectRefusal("STORAGE_FAILED");
        }
        assertThat(index).hasBinaryContent(ofNewer);
    }

    private static byte[] withFormat2(byte[] index) {
        ByteBuffer bytes = ByteBuffer.wrap(index).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 2);
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.slice(0, 24));
        return bytes.putInt(24, (int) checksum.getValue()).array();
    }
}
