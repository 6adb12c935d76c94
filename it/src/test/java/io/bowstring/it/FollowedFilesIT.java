package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.client.Client;
import io.bowstring.client.Publisher;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.bowstring.server.StorageConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The functions that the documents show follow a live topic from its files with pyarrow. */
class FollowedFilesIT {
    private static final int BATCHES = 40;
    private static final int SEGMENT_BYTES = 4_000;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Schema SCHEMA = new Schema(List.of(Field.nullable("n", new ArrowType.Int(64, true))));

    @RegisterExtension
    static final PythonClients python = new PythonClients();

    @TempDir
    private Path folder;

    @Test
    void pyarrowHasEachBatchOnceAcrossSegments() throws Exception {
        BrokerConfig config = BrokerConfig.DEFAULTS.withTopic(
                BrokerConfig.DEFAULTS.topic().withDurable(DurableConfig.DEFAULTS.withSegmentBytes(SEGMENT_BYTES)));
        try (Server server = Server.start(ServerConfig.DEFAULTS
                        .withPort(0)
                        .withBroker(config)
                        .withStorage(new StorageConfig(folder.resolve("kept"), 0)));
                Client client = Client.connect(
                        "bowstring://127.0.0.1:" + server.address().getPort());
                Publisher publisher = client.publisher("trades", SCHEMA);
                VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, client.allocator())) {
            publish(publisher, root, 0);
            try (ClientProcess follower = startFollower()) {
                for (int i = 1; i < BATCHES; i++) {
                    publish(publisher, root, i);
                }
                String expected = LongStream.range(0, BATCHES).boxed().toList() + "\n";
                assertThat(follower.await(TIMEOUT)).isEqualTo(expected);
            }
        }
    }

    private ClientProcess startFollower() throws Exception {
        Documents.writeModules(folder, 0);
        Files.writeString(folder.resolve("follower.py"), """
                from bowstring_files import follow
                numbers = []
                for batch in follow("kept/trades"):
                    numbers.extend(batch["n"].to_pylist())
                    if len(numbers) == BATCHES: break
                print(numbers)
                """.replace("BATCHES", Integer.toString(BATCHES)));
        return ClientProcess.start(folder, Map.of(), List.of(python.interpreter(), "follower.py"));
    }

    private static void publish(Publisher publisher, VectorSchemaRoot root, long value) throws Exception {
        root.allocateNew();
        ((BigIntVector) root.getVector(0)).setSafe(0, value);
        root.setRowCount(1);
        publisher.publish(root).toCompletableFuture().get();
    }
}
