package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Connections that are cut anywhere: in a request, a handshake, a batch, an acknowledgement. Each batch arrives once and in
 * order, with the values of its dictionary, which grows, and is replaced at times.
 */
@ExtendWith(LeakDetection.class)
@Timeout(120)
class LostConnectionTest {
    private static final long SEED = Long.getLong("bowstring.seed", System.nanoTime());
    private static final String TOPIC = "cut";
    private static final DictionaryEncoding ENCODING = new DictionaryEncoding(7, false, new ArrowType.Int(32, true));
    private static final Schema SCHEMA =
            new Schema(List.of(new Field("s", new FieldType(false, new ArrowType.Int(32, true), ENCODING), null)));
    private static final ReconnectConfig FAST =
            new ReconnectConfig(Duration.ofMillis(1), Duration.ofMillis(20), Duration.ofMinutes(1));

    /** Of small batches, and of such as fill sockets, so that much is sent again. */
    @ParameterizedTest(name = "{1} rows, cut before {2} bytes")
    @CsvSource({"2000, 1, 40000", "300, 20000, 4000000"})
    void losesNothingAndRepeatsNothingWhereverConnectionsAreCut(int batches, int rows, int maxBytes) throws Exception {
        System.out.println("LostConnectionTest: -Dbowstring.seed=" + SEED);
        Random random = new Random(SEED);
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));
                CuttingProxy proxy = new CuttingProxy(server.address(), random.nextLong(), maxBytes);
                Client client = connect(proxy)) {
            SubscribeRequest request = SubscribeRequest.of(TOPIC).fromEarliest();
            FutureTask<List<String>> received = new FutureTask<>(() -> receive(client, request));
            Thread receiver = new Thread(received, "receiver");
            receiver.start();
            List<CompletionStage<Receipt>> receipts = publish(client, random, batches, rows);

            for (int i = 0; i < batches; i++) {
                assertThat(receipts.get(i).toCompletableFuture().join().sequence())
                        .isEqualTo(i);
            }
            List<String> values = received.get();
            for (int i = 0; i < batches; i++) {
                assertThat(values.get(i)).isEqualTo(i + " value " + i);
            }
            assertThat(values).hasSize(batches);
            System.out.printf("LostConnectionTest: %,d batches, %,d cuts%n", batches, proxy.cuts());
            assertThat(proxy.cuts()).isGreaterThan(5);
        }
    }

    /** The probe of a client may be cut as well. */
    private static Client connect(CuttingProxy proxy) throws InterruptedException {
        return Client.connect(
                ClientConfig.of(proxy.address()).withReconnect(FAST).withListener(new RecordingListener()));
    }

    private static List<CompletionStage<Receipt>> publish(Client client, Random random, int batches, int rows)
            throws Exception {
        List<CompletionStage<Receipt>> receipts = new ArrayList<>();
        PublisherConfig config =
                PublisherConfig.of(TOPIC).withSeal(true).withMaxInFlightBytes(1 + random.nextInt(100_000 * rows));
        try (VarCharVector values = new VarCharVector("values", client.allocator());
                Publisher publisher = client.publisher(
                        config,
                        SCHEMA,
                        new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, ENCODING)));
                VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, client.allocator())) {
            values.setValueCount(0);
            for (int i = 0; i < batches; i++) {
                if (values.getValueCount() > 50 && random.nextInt(50) == 0) {
                    values.reset();
                    values.setValueCount(0);
                }
                int index = values.getValueCount();
                values.setSafe(index, ("value " + i).getBytes(StandardCharsets.UTF_8));
                values.setValueCount(index + 1);
                IntVector indices = (IntVector) root.getVector(0);
                indices.allocateNew(rows);
                for (int row = 0; row < rows; row++) {
                    indices.set(row, index);
                }
                root.setRowCount(rows);
                receipts.add(publisher.publish(root, Map.of("i", Integer.toString(i))));
            }
            publisher.finish();
        }
        return receipts;
    }

    private static List<String> receive(Client client, SubscribeRequest request) throws Exception {
        List<String> values = new ArrayList<>();
        try (Subscription subscription = client.subscribe(request)) {
            for (ReceivedBatch batch : subscription) {
                try (batch) {
                    assertThat(batch.offset()).isEqualTo(values.size());
                    Dictionary dictionary = batch.dictionaries().lookup(7);
                    try (var decoded = DictionaryEncoder.decode(batch.root().getVector(0), dictionary)) {
                        values.add(batch.customMetadata().get("i") + " " + decoded.getObject(0));
                    }
                }
            }
        }
        return values;
    }
}
