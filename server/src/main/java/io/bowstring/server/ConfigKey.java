package io.bowstring.server;

import io.bowstring.protocol.Nearest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of the configuration; {@code docs/operate/configuration.md} says what each means. Immutable. */
enum ConfigKey {
    HOST("host"),
    PORT("port"),
    UNIX("unix"),
    TOPIC_WINDOW("windowBytes"),
    TOPIC_BATCHES("windowBatches"),
    TOPIC_AGE("windowAge"),
    TOPICS("names"),
    MAX_TOPICS("maxTopics"),
    MAX_NEW_TOPICS_PER_MINUTE("maxNewTopicsPerMinute"),
    EMPTY_TOPIC_AGE("emptyTopicAge"),
    MAX_DICTIONARY_MEMORY("maxDictionaryBytes"),
    MAX_DICTIONARY_DELTAS("maxDictionaryDeltas"),
    MAX_IN_FLIGHT("maxInFlightBytes"),
    MAX_PRODUCERS("maxProducers"),
    PRODUCER_AGE("producerAge"),
    BLOCK_TIMEOUT("blockTimeout"),
    MIN_BLOCK_RATE("minBlockBytesPerSecond"),
    MEMORY("memoryBytes"),
    MAX_CONNECTION_MEMORY("maxConnectionBytes"),
    MAX_TOPIC_MEMORY("maxTopicBytes"),
    MAX_BODY("maxBodyBytes"),
    MAX_METADATA("maxMetadataBytes"),
    MAX_SCHEMA("maxSchemaBytes"),
    MAX_FIELDS("maxFields"),
    MAX_DEPTH("maxDepth"),
    MAX_SCHEMA_ENTRIES("maxSchemaEntries"),
    MAX_SCHEMA_ENTRY_BYTES("maxSchemaEntryBytes"),
    MAX_MESSAGE_ENTRIES("maxMessageEntries"),
    MAX_MESSAGE_ENTRY_BYTES("maxMessageEntryBytes"),
    MAX_DICTIONARIES("maxDictionaries"),
    MAX_DECOMPRESSED("maxDecompressedBytes"),
    MAX_CONNECTIONS("maxConnections"),
    MAX_CONNECTIONS_PER_ADDRESS("maxConnectionsPerAddress"),
    MAX_CONNECTIONS_PER_SECOND("maxConnectionsPerSecond"),
    REQUEST_TIMEOUT("requestTimeout"),
    MIN_RATE("minBytesPerSecond"),
    MIN_RATE_TIME("minRateTime"),
    WRITE_TIMEOUT("writeTimeout"),
    PEER_TIMEOUT("peerTimeout"),
    RECEIVE_MEMORY("receiveMemoryBytes"),
    POOL_MEMORY("poolMemoryBytes"),
    DRAIN_TIMEOUT("drainTimeout");

    static final String ENVIRONMENT_PREFIX = "BOWSTRING_SERVER_";

    /** The keys that may be followed by a pattern of topic names in brackets. */
    private static final Set<ConfigKey> PER_TOPIC = EnumSet.of(TOPIC_WINDOW, TOPIC_BATCHES, TOPIC_AGE);

    /** What the record that holds the value calls it. */
    private final String component;

    ConfigKey(String component) {
        this.component = component;
    }

    /** Returns a record's message about one of its components as one about the key. */
    static String aboutKey(String message) {
        for (ConfigKey key : values()) {
            if (message.startsWith(key.component + ":")) {
                return key.key() + message.substring(key.component.length());
            }
        }
        return message;
    }

    /** Returns a message of the form {@code field: value (expected: rule)} with the key of the limit that is the rule. */
    static String naming(String component, String message) {
        for (ConfigKey key : values()) {
            if (message.endsWith(")") && key.component.equals(component)) {
                return message.substring(0, message.length() - 1) + "; " + key.key() + ")";
            }
        }
        return message;
    }

    /** Returns the name in a file, {@code topic-window} for example. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the name of this key for the topics that match a pattern. */
    String keyFor(String pattern) {
        return key() + "[" + pattern + "]";
    }

    /** Returns the pattern of a name that {@link #requireKey} has let pass, null where it has none. */
    static @Nullable String patternOf(String name) {
        int bracket = name.indexOf('[');
        return bracket < 0 ? null : name.substring(bracket + 1, name.length() - 1);
    }

    /**
     * Checks that a name from a file is a key, alone or with a pattern of topic names where it may have one.
     *
     * @throws ConfigurationException which names the key that is most like it
     */
    static void requireKey(String where, String name) {
        int bracket = name.indexOf('[');
        if (bracket < 0) {
            requirePlainKey(where, name);
            return;
        }
        String plain = name.substring(0, bracket);
        requirePlainKey(where, plain);
        if (!name.endsWith("]") || PER_TOPIC.stream().noneMatch(key -> key.key().equals(plain))) {
            String examples =
                    PER_TOPIC.stream().map(key -> key.keyFor("trades.*")).collect(Collectors.joining(", "));
            throw new ConfigurationException(
                    where + ": unknown key " + name + " (expected: a key, or one of the form " + examples + ")");
        }
    }

    private static void requirePlainKey(String where, String name) {
        if (Arrays.stream(values()).noneMatch(key -> key.key().equals(name))) {
            String hint =
                    Nearest.of(name, Arrays.stream(values()).map(ConfigKey::key).toList());
            throw new ConfigurationException(where + ": unknown key " + name + " (did you mean " + hint + "?)");
        }
    }

    /** Returns the key that a variable of the environment stands for, or null where it is none of ours. */
    static @Nullable String fromVariable(String variable) {
        if (!variable.startsWith(ENVIRONMENT_PREFIX)) {
            return null;
        }
        String key = variable.substring(ENVIRONMENT_PREFIX.length())
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
        requireKey("environment variable " + variable, key);
        return key;
    }
}
