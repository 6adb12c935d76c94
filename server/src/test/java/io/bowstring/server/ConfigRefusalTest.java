package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, values and files that the configuration refuses, and what it says then. */
class ConfigRefusalTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "host, ''",
        "port, -1",
        "port, 65536",
        "port, http",
        "port, ''",
        "unix, ''",
        "topic-window, 0",
        "topic-window, 64MB",
        "topic-window, 9999999999GiB",
        "topic-window, -1",
        "topic-window[trades.*], 64MB",
        "topic-window[trades.*], 0",
        "topic-batches, 0",
        "topic-batches, 64KiB",
        "topic-batches[trades.*], 0",
        "topic-batches[trades.*], ''",
        "topic-age, -1s",
        "topic-age, 1h",
        "topic-age[trades.*], 10",
        "data, ''",
        "storage, ''",
        "storage, disk",
        "storage, durable",
        "storage[orders.*], disk",
        "storage[orders.*], durable",
        "sync, never",
        "sync[orders.*], ''",
        "sync-interval, 0ms",
        "sync-interval, 1h",
        "retain-bytes, -1",
        "retain-bytes[orders.*], all",
        "retain-age, 1d",
        "retain-age[orders.*], -1s",
        "segment-bytes, 0",
        "segment-age, 0s",
        "min-free-disk, 5%",
        "topics, ''",
        "topics, 'trades,'",
        "topics, a b",
        "max-topics, 0",
        "max-dictionary-memory, 0",
        "max-in-flight, 0",
        "max-producers, 0",
        "producer-age, 0s",
        "empty-topic-age, 0s",
        "max-new-topics-per-minute, 0",
        "block-timeout, 0s",
        "block-timeout, 30",
        "min-block-rate, 2GiB",
        "memory, 0",
        "memory, 0%",
        "memory, 101%",
        "memory, half",
        "max-connection-memory, 0",
        "max-topic-memory, 0",
        "max-body, 0",
        "max-body, 1984MiB",
        "max-body, 2GiB",
        "max-metadata, 0",
        "max-metadata, 33MiB",
        "max-schema, 0",
        "max-schema, 33MiB",
        "max-fields, 0",
        "max-depth, 0",
        "max-depth, 257",
        "max-schema-entries, 0",
        "max-schema-entry-bytes, 0",
        "max-schema-entry-bytes, 2GiB",
        "max-message-entries, 0",
        "max-message-entries, many",
        "max-message-entry-bytes, 0",
        "max-dictionaries, 0",
        "max-connections, 0",
        "max-connections-per-address, 0",
        "max-connections-per-second, 0",
        "request-timeout, 1441m",
        "min-rate, 2GiB",
        "min-rate-time, 0ms",
        "min-rate-time, 1441m",
        "write-timeout, 1441m",
        "peer-timeout, 1441m",
        "receive-memory, 0",
        "receive-memory, 101%",
        "pool-memory, -1",
        "drain-timeout, 10",
        "drain-timeout, -1s",
        "drain-timeout, 1h",
    })
    void refusesWrongValue(String key, String value) {
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), Map.of(key, value)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(key + ": ")
                .hasMessageContaining("(expected: ");
    }

    @Test
    void saysWhatDurableTopicsLack() {
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), Map.of("storage[orders.*]", "durable")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("storage[orders.*]: durable (expected: memory, or a directory for topics; data)");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), Map.of("data", "none", "storage", "durable")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("storage: durable (expected: memory, or a directory for topics; data)");
    }

    @Test
    void hintsAtTheKeyThatWasMeant() throws Exception {
        Path file = Files.writeString(folder.resolve("bowstring.properties"), "topic-windows = 1MiB\n");

        assertThatThrownBy(() -> ServerConfig.load(file, Map.of(), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("topic-windows")
                .hasMessageContaining("did you mean topic-window?");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of("BOWSTRING_SERVER_MAX_TOPIC", "1"), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("BOWSTRING_SERVER_MAX_TOPIC")
                .hasMessageContaining("did you mean max-topics?");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), Map.of("prot", "1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("did you mean port?");
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), Map.of("zzz", "1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageEndingWith("unknown key zzz (expected: one of docs/operate/configuration.md)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topic-window[",
                "topic-window[]x",
                "topic-window[a",
                "topic-window[]",
                "topic-window[a b]",
                "topic-window[a[b]]",
                "max-topics[trades.*]",
                "topic-windows[trades.*]",
                "segment-bytes[trades.*]",
            })
    void refusesWrongOverride(String key) {
        assertThatThrownBy(() -> ServerConfig.load(null, Map.of(), Map.of(key, "1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageMatching(".*(expected: a key, or one of the form topic-window\\[trades\\.\\*]"
                        + "|did you mean topic-window\\?|pattern: .* \\(expected: ).*");
    }

    @Test
    void refusesFileThatCannotBeRead() throws Exception {
        Path missing = folder.resolve("missing.properties");
        Path latin1 = folder.resolve("latin1.properties");
        Files.write(latin1, new byte[] {'h', 'o', 's', 't', '=', (byte) 0xE9});

        for (Path file : List.of(missing, latin1, folder)) {
            assertThatThrownBy(() -> ServerConfig.load(file, Map.of(), Map.of()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void refusesValuesOutsideTheRecordsRange() {
        assertThatThrownBy(() -> ServerConfig.DEFAULTS.withPort(65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerConfig.DEFAULTS.withDrainTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("drainTimeout: PT-1S (expected: >= 0)");
        assertThatThrownBy(() -> ConnectionLimits.DEFAULTS.withRequestTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("requestTimeout: PT-1S (expected: 0..1440m)");
        assertThatThrownBy(() -> MinRate.DEFAULTS.withMinBytesPerSecond(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minBytesPerSecond: -1 (expected: 0..1073741824)");
    }
}
