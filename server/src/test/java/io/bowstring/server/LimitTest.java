package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is above a limit of the configuration is refused by name, and what is at the limit is not. */
@ExtendWith(LeakDetection.class)
class LimitTest {
    private static final IpcLimits LIMITS = new IpcLimits(512, 2_048, 1_024, 4, 2, 3, 256, 2, 64, 2, 1 << 20);
    private static final BrokerConfig BROKER = SmallBrokers.config(64 << 10, 2, 1_024, 16 << 10, 2);

    private Server server;
    private Neighbour neighbour;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(
                ServerConfig.DEFAULTS.withPort(0).withLimits(LIMITS).withBroker(BROKER));
        neighbour = Neighbour.start(server);
    }

    @AfterEach
    void stop() {
        neighbour.close();
        server.close();
    }

    static Stream<Arguments> schemas() {
        return Stream.of(
                arguments("schema bytes", schema(List.of(number("n".repeat(2_048))), Map.of())),
                arguments("fields", schema(numbers(5), Map.of())),
                arguments("depth", schema(List.of(struct(struct(number("n")))), Map.of())),
                arguments("schema entries", schema(numbers(1), Map.of("a", "", "b", "", "c", ""))),
                arguments("schema entry bytes", schema(numbers(1), Map.of("a", "v".repeat(256)))),
                arguments(
                        "dictionaries",
                        schema(
                                IntStream.range(0, 3)
                                        .mapToObj(LimitTest::dictionary)
                                        .toList(),
                                Map.of())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("schemas")
    void refusesSchemaAboveLimit(String limit, byte[] schema) throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(schema).expectRefusal("TOO_LARGE").halfClose().expectFin();
        }
        assertThat(Topics.list(server)).hasSize(1);
    }

    @Test
    void namesTheSettingAndTheEntryThatIsTooLong() throws Exception {
        byte[] schema = schema(numbers(1), Map.of("a", "x", "pandas", "v".repeat(256)));
        try (WireClient client = WireClient.connect(server)) {
            assertThat(client.send(schema).next().metadata().get("bowstring.message"))
                    .startsWith("custom_metadata bytes, most of them of key pandas: ")
                    .endsWith("; max-schema-entry-bytes)");
        }
    }

    @Test
    void acceptsSchemaAtLimits() throws Exception {
        byte[] schema = schema(
                List.of(struct(number("n")), dictionary(1), dictionary(2)), Map.of("a", "v".repeat(200), "b", ""));

        try (WireClient client = WireClient.connect(server)) {
            client.send(schema, Messages.END).halfClose().expectFin();
        }
        Topics.await(server, "t", topic -> topic.publishers() == 0);
    }

    static Stream<Arguments> batches() {
        return Stream.of(
                arguments("metadata", Messages.prefix(520)),
                arguments("body", Messages.counting(0, 129)),
                arguments("message entries", Messages.marked(Map.of("a", "", "b", "", "c", ""), 1)),
                arguments("message entry bytes", Messages.marked(Map.of("a", "v".repeat(64)), 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("batches")
    void refusesBatchAboveLimit(String limit, byte[] batch) throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("t"), Messages.counting(0, 128), batch)
                    .expectRefusal("TOO_LARGE")
                    .halfClose()
                    .expectFin();
        }
        Topics.await(server, "t", topic -> topic.batches() == 1 && topic.publishers() == 0);
    }

    @Test
    void asksForSmallerBatchesOrTheSetting() throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("t"), Messages.counting(0, 129));

            assertThat(client.next().metadata().get("bowstring.message"))
                    .startsWith("bodyLength: ")
                    .endsWith(" (expected: <= 1024; smaller batches, or max-body)");
        }
    }

    @Test
    void refusesDictionariesAboveTheirMemory() throws Exception {
        List<Path> golden = GoldenStreams.littleEndian();
        byte[] stream = GoldenStreams.read(golden.stream()
                .filter(file -> file.endsWith("generated_dictionary.stream"))
                .findFirst()
                .orElse(golden.get(0)));
        ServerConfig config = ServerConfig.DEFAULTS.withPort(0).withBroker(BROKER);

        try (Server roomy = Server.start(config);
                WireClient client = WireClient.connect(roomy)) {
            client.send(Messages.published(stream, "t")).expectRefusal("TOO_LARGE");

            Topics.await(roomy, "t", topic -> topic.publishers() == 0 && topic.batches() == 0);
        }
    }

    @Test
    void refusesTopicsAboveTheirNumber() throws Exception {
        try (WireClient second = WireClient.connect(server);
                WireClient publisher = WireClient.connect(server);
                WireClient subscriber = WireClient.connect(server)) {
            second.send(Messages.publish("second"));
            Topics.await(server, "second", topic -> true);

            publisher.send(Messages.publish("third")).expectRefusal("LIMIT_REACHED");
            subscriber.send(Messages.subscribe("third")).expectRefusal("LIMIT_REACHED");
        }
    }

    @Test
    void forgetsTopicThatNobodyWaitsForAnyLonger() throws Exception {
        try (WireClient subscriber = WireClient.connect(server)) {
            subscriber
                    .send(Messages.subscribe("second", "bowstring.until", "end"))
                    .expectRefusal("UNKNOWN_TOPIC");
        }

        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!isAccepted("third")) {
            assertThat(System.nanoTime()).as("the place is still taken").isLessThan(deadline);
        }
    }

    private boolean isAccepted(String topic) throws Exception {
        try (WireClient publisher = WireClient.connect(server)) {
            return publisher
                            .send(Messages.publish(topic), Messages.END)
                            .halfClose()
                            .next()
                            .kind()
                    == Received.Kind.FIN;
        }
    }

    private static byte[] schema(List<IpcField> fields, Map<String, String> metadata) {
        Map<String, String> entries = new LinkedHashMap<>(metadata);
        entries.put("bowstring.publish", "t");
        return Messages.schema(fields, entries);
    }

    private static List<IpcField> numbers(int count) {
        return IntStream.range(0, count).mapToObj(i -> number("n" + i)).toList();
    }

    private static IpcField number(String name) {
        return IpcField.of(name, false, IpcType.INT64);
    }

    private static IpcField struct(IpcField child) {
        return new IpcField("s", false, IpcType.of(IpcTypeId.STRUCT), null, List.of(child));
    }

    private static IpcField dictionary(int id) {
        return new IpcField(
                "d" + id, true, IpcType.UTF8, new IpcDictionaryEncoding(id, IpcType.INT32, false), List.of());
    }
}
