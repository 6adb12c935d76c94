package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BlockLimits;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableOverride;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.broker.PublisherLimits;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicLimits;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import io.bowstring.codec.IpcLimits;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the configuration comes from, and that every key is read and documented. */
class ConfigTest {
    /** Another value than the default for every key, each different from the others. */
    private static final Map<String, String> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put("host", "0.0.0.0");
        OTHERS.put("port", "1234");
        OTHERS.put("unix", "/run/bowstring.sock");
        OTHERS.put("topic-window", "1GiB");
        OTHERS.put("topic-batches", "30");
        OTHERS.put("topic-age", "28s");
        OTHERS.put("data", "/var/lib/bowstring");
        OTHERS.put("storage", "memory");
        OTHERS.put("sync", "interval");
        OTHERS.put("sync-interval", "46ms");
        OTHERS.put("retain-bytes", "47GiB");
        OTHERS.put("retain-age", "48m");
        OTHERS.put("segment-bytes", "49MiB");
        OTHERS.put("segment-age", "50s");
        OTHERS.put("min-free-disk", "51MiB");
        OTHERS.put("topics", "quotes, trades.*");
        OTHERS.put("max-topics", "11");
        OTHERS.put("max-dictionary-memory", "12 MiB");
        OTHERS.put("max-in-flight", "13KiB");
        OTHERS.put("max-producers", "27");
        OTHERS.put("producer-age", "42s");
        OTHERS.put("empty-topic-age", "43s");
        OTHERS.put("max-new-topics-per-minute", "45");
        OTHERS.put("block-timeout", "29s");
        OTHERS.put("memory", "31MiB");
        OTHERS.put("max-body", "14B");
        OTHERS.put("max-metadata", "15");
        OTHERS.put("max-schema", "16");
        OTHERS.put("max-fields", "17");
        OTHERS.put("max-depth", "18");
        OTHERS.put("max-schema-entries", "19");
        OTHERS.put("max-schema-entry-bytes", "20");
        OTHERS.put("max-message-entries", "21");
        OTHERS.put("max-message-entry-bytes", "22");
        OTHERS.put("max-dictionaries", "23");
        OTHERS.put("max-decompressed", "25B");
        OTHERS.put("max-dictionary-deltas", "39");
        OTHERS.put("min-block-rate", "42B");
        OTHERS.put("max-connection-memory", "40B");
        OTHERS.put("max-topic-memory", "41B");
        OTHERS.put("max-connections", "31");
        OTHERS.put("max-connections-per-address", "32");
        OTHERS.put("max-connections-per-second", "33");
        OTHERS.put("request-timeout", "34ms");
        OTHERS.put("min-rate", "35KiB");
        OTHERS.put("min-rate-time", "36s");
        OTHERS.put("write-timeout", "37m");
        OTHERS.put("peer-timeout", "38s");
        OTHERS.put("receive-memory", "42KiB");
        OTHERS.put("pool-memory", "26KiB");
        OTHERS.put("drain-timeout", "24ms");
    }

    private static final DurableConfig OTHER_DURABLE = new DurableConfig(
            false,
            SyncPolicy.INTERVAL,
            Duration.ofMillis(46),
            47L << 30,
            Duration.ofMinutes(48),
            49 << 20,
            Duration.ofSeconds(50));

    private static final ServerConfig OTHER = new ServerConfig(
            "0.0.0.0",
            1234,
            Path.of("/run/bowstring.sock"),
            new IpcLimits(15, 16, 14, 17, 18, 19, 20, 21, 22, 23, 25),
            new BrokerConfig(
                    new TopicConfig(1L << 30, 30, Duration.ofSeconds(28), OTHER_DURABLE),
                    List.of(),
                    List.of(new TopicPattern("quotes"), new TopicPattern("trades.*")),
                    new TopicLimits(11, 45, Duration.ofSeconds(43), 27, Duration.ofSeconds(42)),
                    new PublisherLimits(12 << 20, 39, 13 << 10),
                    new BlockLimits(Duration.ofSeconds(29), 42),
                    new MemoryConfig(31 << 20, 40, 41)),
            new StorageConfig(Path.of("/var/lib/bowstring"), 51 << 20),
            new ConnectionLimits(
                    new ConnectionCounts(31, 32, 33),
                    Duration.ofMillis(34),
                    new MinRate(35 << 10, Duration.ofSeconds(36)),
                    Duration.ofMinutes(37),
                    Duration.ofSeconds(38),
                    42 << 10),
            26 << 10,
            Duration.ofMillis(24));

    @TempDir
    private Path folder;

    @Test
    void hasDefaultsForEverything() {
        assertThat(ServerConfig.load(null, Map.of(), Map.of())).isEqualTo(ServerConfig.DEFAULTS);
    }

    @Test
    void readsEveryKeyFromFile() throws Exception {
        assertThat(ServerConfig.load(file(OTHERS), Map.of(), Map.of())).isEqualTo(OTHER);
    }

    @Test
    void readsEveryKeyFromEnvironment() {
        assertThat(ServerConfig.load(null, environment(OTHERS), Map.of())).isEqualTo(OTHER);
    }

    @Test
    void readsEveryKeyFromFlags() {
        assertThat(ServerConfig.load(null, Map.of(), OTHERS)).isEqualTo(OTHER);
    }

    @Test
    void prefersFlagToEnvironmentToFileToDefault() throws Exception {
        Path file = file(Map.of("max-topics", "1", "max-fields", "1", "max-depth", "1"));
        Map<String, String> environment = environment(Map.of("max-topics", "2", "max-fields", "2"));

        ServerConfig config = ServerConfig.load(file, environment, Map.of("max-topics", "3"));

        assertThat(config.broker().topics().maxTopics()).isEqualTo(3);
        assertThat(config.limits().maxFields()).isEqualTo(2);
        assertThat(config.limits().maxDepth()).isEqualTo(1);
        assertThat(config.port()).isEqualTo(8816);
    }

    @Test
    void leavesOthersVariablesAlone() {
        Map<String, String> environment = Map.of("PORT", "1", "PATH", "/bin", "BOWSTRING_JAVA_OPTS", "-Xmx1g");
        Map<String, String> ofPlatform = Map.of(
                "BOWSTRING_PORT", "tcp://10.0.0.1:8816",
                "BOWSTRING_PORT_8816_TCP_ADDR", "10.0.0.1",
                "BOWSTRING_SERVICE_HOST", "10.0.0.1",
                "BOWSTRING_URL", "bowstring://elsewhere",
                "BOWSTRING_TOKEN", "secret");

        assertThat(ServerConfig.load(null, environment, Map.of())).isEqualTo(ServerConfig.DEFAULTS);
        assertThat(ServerConfig.load(null, ofPlatform, Map.of())).isEqualTo(ServerConfig.DEFAULTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BOWSTRING_SERVER_", "BOWSTRING_SERVER_METRICS_"})
    void leavesAloneWhatAPlatformMakesForServicesWhoseNamesBeginWithItsOwn(String service) {
        Map<String, String> ofPlatform = Map.of(
                service + "PORT", "tcp://10.0.0.1:8816",
                service + "PORT_8816_TCP", "tcp://10.0.0.1:8816",
                service + "PORT_8816_TCP_PROTO", "tcp",
                service + "PORT_8816_TCP_ADDR", "10.0.0.1",
                service + "SERVICE_HOST", "10.0.0.1",
                service + "SERVICE_PORT", "8816",
                service + "SERVICE_PORT_ARROW", "8816");

        assertThat(ServerConfig.load(null, ofPlatform, Map.of())).isEqualTo(ServerConfig.DEFAULTS);
    }

    @Test
    void readsOverridesFromFileLongestPatternLast() throws Exception {
        Path file = folder.resolve("overrides.properties");
        Files.writeString(file, """
                topic-age[trades.eu.*] = 1m
                topic-window[trades.*] = 256MiB
                topic-batches[trades.*]: 7
                topic-window[trades.eu.fast] 1MiB
                topic-window[*.eu.*] = 2B
                topic-batches = 3
                """);

        BrokerConfig broker = ServerConfig.load(file, Map.of(), Map.of()).broker();

        assertThat(broker.overrides())
                .containsExactly(
                        override("*.eu.*", 2L, null, null),
                        override("trades.*", 256L << 20, 7, null),
                        override("trades.eu.*", null, null, Duration.ofMinutes(1)),
                        override("trades.eu.fast", 1L << 20, null, null));
        assertThat(broker.topic(new TopicName("trades.eu.fast")))
                .isEqualTo(TopicConfig.DEFAULTS
                        .withWindowBytes(1 << 20)
                        .withWindowBatches(7)
                        .withWindowAge(Duration.ofMinutes(1)));
        assertThat(broker.topic(new TopicName("quotes")).windowBatches()).isEqualTo(3);
    }

    private static TopicOverride override(
            String pattern, @Nullable Long bytes, @Nullable Integer batches, @Nullable Duration age) {
        DurableOverride durable = new DurableOverride(null, null, null, null);
        return new TopicOverride(new TopicPattern(pattern), bytes, batches, age, durable);
    }

    @Test
    void readsWhatIsKeptOfSomeTopics() throws Exception {
        Path file = folder.resolve("durable.properties");
        Files.writeString(file, """
                data = /var/lib/bowstring
                storage = memory
                storage[orders.*] = durable
                sync[orders.*] = interval
                retain-bytes[orders.eu] = 0
                retain-age[orders.eu] = 60m
                """);

        BrokerConfig broker = ServerConfig.load(file, Map.of(), Map.of()).broker();

        DurableConfig ofOthers = broker.topic(new TopicName("ticks")).durable();
        assertThat(ofOthers).isEqualTo(DurableConfig.DEFAULTS.withDurable(false));
        DurableConfig ofOrders = broker.topic(new TopicName("orders.us")).durable();
        assertThat(ofOrders).isEqualTo(DurableConfig.DEFAULTS.withSync(SyncPolicy.INTERVAL));
        assertThat(broker.topic(new TopicName("orders.eu")).durable())
                .isEqualTo(ofOrders.withRetainedBytes(0).withRetainedAge(Duration.ofHours(1)));
        assertThat(broker.overrides())
                .extracting(TopicOverride::durable)
                .containsExactly(
                        new DurableOverride(true, SyncPolicy.INTERVAL, null, null),
                        new DurableOverride(null, null, 0L, Duration.ofHours(1)));
    }

    @ParameterizedTest
    @EnumSource
    void isDocumentedWithDefaultAndRange(ConfigKey key) throws Exception {
        List<String> cells =
                Arrays.stream(documentedRow(key).split("\\|")).map(String::trim).toList();
        assertThat(cells).as("key, unit, default, range, meaning").hasSize(6);
        Map<String, String> inDocument = Map.of(key.key(), cells.get(3).replace("`", ""));
        Map<String, String> rest = key == ConfigKey.STORAGE ? environment(Map.of("data", "data")) : Map.of();

        assertThat(ServerConfig.load(null, rest, inDocument)).isEqualTo(ServerConfig.load(null, rest, Map.of()));
        Matcher end = Pattern.compile("`([^`]+)`").matcher(cells.get(4));
        while (end.find()) {
            assertThat(ServerConfig.load(null, rest, Map.of(key.key(), end.group(1))))
                    .isNotNull();
        }
    }

    private static String documentedRow(ConfigKey key) throws IOException {
        Path document = Path.of(System.getProperty("bowstring.root"), "docs/operate/configuration.md");
        List<String> rows = Files.readAllLines(document).stream()
                .filter(line -> line.startsWith("| `" + key.key() + "` |"))
                .toList();
        assertThat(rows).as("rows of %s in %s", key.key(), document).hasSize(1);
        return rows.get(0);
    }

    private Path file(Map<String, String> values) throws IOException {
        Path file = folder.resolve("bowstring.properties");
        String lines = values.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n")
                .collect(Collectors.joining());
        return Files.writeString(file, "# a comment\n" + lines);
    }

    private static Map<String, String> environment(Map<String, String> values) {
        return values.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> "BOWSTRING_SERVER_"
                                + entry.getKey().toUpperCase(Locale.ROOT).replace('-', '_'),
                        Map.Entry::getValue));
    }
}
