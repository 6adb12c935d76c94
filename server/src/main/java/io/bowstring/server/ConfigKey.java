package io.bowstring.server;

import io.bowstring.protocol.Nearest;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of the configuration and what each sets; {@code docs/operate/configuration.md} says what each means. Immutable. */
enum ConfigKey {
    HOST("host", ConfigValue::host, (draft, value) -> draft.server = draft.server.withHost(value)),
    PORT("port", ConfigValue::number, (draft, value) -> draft.server = draft.server.withPort(value)),
    UNIX(
            "unix",
            ConfigValue::path,
            (draft, value) -> draft.server = draft.server.withUnix(value.equals(ConfigValue.NO_PATH) ? null : value)),
    TOPIC_WINDOW("windowBytes", ConfigValue::bytes, (draft, value) -> draft.topic = draft.topic.withWindowBytes(value)),
    TOPIC_BATCHES(
            "windowBatches", ConfigValue::number, (draft, value) -> draft.topic = draft.topic.withWindowBatches(value)),
    TOPIC_AGE("windowAge", ConfigValue::time, (draft, value) -> draft.topic = draft.topic.withWindowAge(value)),
    DATA(
            "data",
            ConfigValue::path,
            (draft, value) -> draft.storage = draft.storage.withData(value.equals(ConfigValue.NO_PATH) ? null : value)),
    STORAGE("isDurable", ConfigValue::isDurable, (draft, value) -> draft.durable = draft.durable.withDurable(value)),
    SYNC("sync", ConfigValue::sync, (draft, value) -> draft.durable = draft.durable.withSync(value)),
    SYNC_INTERVAL(
            "syncInterval", ConfigValue::time, (draft, value) -> draft.durable = draft.durable.withSyncInterval(value)),
    RETAIN_BYTES(
            "retainedBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.durable = draft.durable.withRetainedBytes(value)),
    RETAIN_AGE(
            "retainedAge", ConfigValue::time, (draft, value) -> draft.durable = draft.durable.withRetainedAge(value)),
    SEGMENT_BYTES(
            "segmentBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.durable = draft.durable.withSegmentBytes(value)),
    SEGMENT_AGE("segmentAge", ConfigValue::time, (draft, value) -> draft.durable = draft.durable.withSegmentAge(value)),
    MIN_FREE_DISK(
            "minFreeBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.storage = draft.storage.withMinFreeBytes(value)),
    TOPICS("names", ConfigValue::names, (draft, value) -> draft.names = value),
    MAX_TOPICS("maxTopics", ConfigValue::number, (draft, value) -> draft.topics = draft.topics.withMaxTopics(value)),
    MAX_NEW_TOPICS_PER_MINUTE(
            "maxNewTopicsPerMinute",
            ConfigValue::number,
            (draft, value) -> draft.topics = draft.topics.withMaxNewTopicsPerMinute(value)),
    EMPTY_TOPIC_AGE(
            "emptyTopicAge", ConfigValue::time, (draft, value) -> draft.topics = draft.topics.withEmptyTopicAge(value)),
    MAX_DICTIONARY_MEMORY(
            "maxDictionaryBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.publishers = draft.publishers.withMaxDictionaryBytes(value)),
    MAX_DICTIONARY_DELTAS(
            "maxDictionaryDeltas",
            ConfigValue::number,
            (draft, value) -> draft.publishers = draft.publishers.withMaxDictionaryDeltas(value)),
    MAX_IN_FLIGHT(
            "maxInFlightBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.publishers = draft.publishers.withMaxInFlightBytes(value)),
    MAX_PRODUCERS(
            "maxProducers", ConfigValue::number, (draft, value) -> draft.topics = draft.topics.withMaxProducers(value)),
    PRODUCER_AGE(
            "producerAge", ConfigValue::time, (draft, value) -> draft.topics = draft.topics.withProducerAge(value)),
    BLOCK_TIMEOUT(
            "blockTimeout",
            ConfigValue::time,
            (draft, value) -> draft.blocking = draft.blocking.withBlockTimeout(value)),
    MIN_BLOCK_RATE(
            "minBlockBytesPerSecond",
            ConfigValue::bytes,
            (draft, value) -> draft.blocking = draft.blocking.withMinBlockBytesPerSecond(value)),
    MEMORY("memoryBytes", ConfigValue::memory, (draft, value) -> draft.memory = draft.memory.withMemoryBytes(value)),
    MAX_CONNECTION_MEMORY(
            "maxConnectionBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.memory = draft.memory.withMaxConnectionBytes(value)),
    MAX_TOPIC_MEMORY(
            "maxTopicBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.memory = draft.memory.withMaxTopicBytes(value)),
    MAX_BODY(
            "maxBodyBytes",
            ConfigValue::intBytes,
            (draft, value) ->
                    draft.limits = draft.limits.toBuilder().maxBodyBytes(value).build()),
    MAX_METADATA(
            "maxMetadataBytes",
            ConfigValue::intBytes,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxMetadataBytes(value).build()),
    MAX_SCHEMA(
            "maxSchemaBytes",
            ConfigValue::intBytes,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxSchemaBytes(value).build()),
    MAX_FIELDS(
            "maxFields",
            ConfigValue::number,
            (draft, value) ->
                    draft.limits = draft.limits.toBuilder().maxFields(value).build()),
    MAX_DEPTH(
            "maxDepth",
            ConfigValue::number,
            (draft, value) ->
                    draft.limits = draft.limits.toBuilder().maxDepth(value).build()),
    MAX_SCHEMA_ENTRIES(
            "maxSchemaEntries",
            ConfigValue::number,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxSchemaEntries(value).build()),
    MAX_SCHEMA_ENTRY_BYTES(
            "maxSchemaEntryBytes",
            ConfigValue::intBytes,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxSchemaEntryBytes(value).build()),
    MAX_MESSAGE_ENTRIES(
            "maxMessageEntries",
            ConfigValue::number,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxMessageEntries(value).build()),
    MAX_MESSAGE_ENTRY_BYTES(
            "maxMessageEntryBytes",
            ConfigValue::intBytes,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxMessageEntryBytes(value).build()),
    MAX_DICTIONARIES(
            "maxDictionaries",
            ConfigValue::number,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxDictionaries(value).build()),
    MAX_DECOMPRESSED(
            "maxDecompressedBytes",
            ConfigValue::intBytes,
            (draft, value) -> draft.limits =
                    draft.limits.toBuilder().maxDecompressedBytes(value).build()),
    MAX_CONNECTIONS(
            "maxConnections",
            ConfigValue::number,
            (draft, value) -> draft.counts = draft.counts.withMaxConnections(value)),
    MAX_CONNECTIONS_PER_ADDRESS(
            "maxConnectionsPerAddress",
            ConfigValue::number,
            (draft, value) -> draft.counts = draft.counts.withMaxConnectionsPerAddress(value)),
    MAX_CONNECTIONS_PER_SECOND(
            "maxConnectionsPerSecond",
            ConfigValue::number,
            (draft, value) -> draft.counts = draft.counts.withMaxConnectionsPerSecond(value)),
    REQUEST_TIMEOUT(
            "requestTimeout",
            ConfigValue::time,
            (draft, value) -> draft.connections = draft.connections.withRequestTimeout(value)),
    MIN_RATE(
            "minBytesPerSecond",
            ConfigValue::bytes,
            (draft, value) -> draft.minRate = draft.minRate.withMinBytesPerSecond(value)),
    MIN_RATE_TIME(
            "minRateTime", ConfigValue::time, (draft, value) -> draft.minRate = draft.minRate.withMinRateTime(value)),
    WRITE_TIMEOUT(
            "writeTimeout",
            ConfigValue::time,
            (draft, value) -> draft.connections = draft.connections.withWriteTimeout(value)),
    PEER_TIMEOUT(
            "peerTimeout",
            ConfigValue::time,
            (draft, value) -> draft.connections = draft.connections.withPeerTimeout(value)),
    RECEIVE_MEMORY(
            "receiveMemoryBytes",
            ConfigValue::memory,
            (draft, value) -> draft.connections = draft.connections.withReceiveMemoryBytes(value)),
    POOL_MEMORY(
            "poolMemoryBytes",
            ConfigValue::bytes,
            (draft, value) -> draft.server = draft.server.withPoolMemoryBytes(value)),
    DRAIN_TIMEOUT(
            "drainTimeout", ConfigValue::time, (draft, value) -> draft.server = draft.server.withDrainTimeout(value));

    static final String ENVIRONMENT_PREFIX = "BOWSTRING_SERVER_";

    private static final Pattern OF_PLATFORM =
            Pattern.compile("(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    /** The keys that may be followed by a pattern of topic names in brackets. */
    static final Set<ConfigKey> PER_TOPIC = Collections.unmodifiableSet(
            EnumSet.of(TOPIC_WINDOW, TOPIC_BATCHES, TOPIC_AGE, STORAGE, SYNC, RETAIN_BYTES, RETAIN_AGE));

    /** The name of the record component that holds the value. Refusals of a peer's message name the limit by it, too. */
    private final String component;

    @SuppressWarnings("ImmutableEnumChecker") // its functions have no state
    private final Setting<?> setting;

    <T> ConfigKey(String component, Function<String, T> parser, BiConsumer<ConfigDraft, T> setter) {
        this.component = component;
        this.setting = new Setting<>(parser, setter);
    }

    /** How the text of a file, a variable or a flag becomes a part of the configuration. */
    private record Setting<T>(Function<String, T> parser, BiConsumer<ConfigDraft, T> setter) {
        void set(ConfigDraft draft, String name, String text) {
            T value;
            try {
                value = parser.apply(text.trim());
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(name + ": " + text + " (expected: " + e.getMessage() + ")");
            }
            try {
                setter.accept(draft, value);
            } catch (IllegalArgumentException e) {
                String message = String.valueOf(e.getMessage()); // "component: value (expected: range)"
                throw new ConfigurationException(name + message.substring(message.indexOf(':')));
            }
        }
    }

    /**
     * Sets the value in a draft.
     *
     * @param name of the key, with a pattern where it has one
     * @throws ConfigurationException which has the name, the value and what is expected
     */
    void set(ConfigDraft draft, String name, String text) {
        setting.set(draft, name, text);
    }

    /**
     * Returns a message of the form {@code field: value (expected: rule)} with the key of the limit that is the rule, and with what a
     * publisher can do without it.
     */
    static String naming(String component, String message) {
        for (ConfigKey key : values()) {
            if (message.endsWith(")") && key.component.equals(component)) {
                String instead = key == MAX_BODY ? "smaller batches, or " : "";
                return message.substring(0, message.length() - 1) + "; " + instead + key.key() + ")";
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

    /** Returns whether a name that {@link #requireKey} has let pass is this key, alone or with a pattern. */
    boolean isNamed(String name) {
        return name.equals(key()) || name.startsWith(key() + "[");
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
            throw new ConfigurationException(where + ": unknown key " + name
                    + (hint == null
                            ? " (expected: one of docs/operate/configuration.md)"
                            : " (did you mean " + hint + "?)"));
        }
    }

    /** Returns the key that a variable of the environment stands for, or null where it is none of ours. */
    static @Nullable String fromVariable(String variable, String value) {
        if (!variable.startsWith(ENVIRONMENT_PREFIX) || isOfPlatform(variable, value)) {
            return null;
        }
        String key = variable.substring(ENVIRONMENT_PREFIX.length())
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
        requireKey("environment variable " + variable, key);
        return key;
    }

    /** A container platform makes such variables for services named bowstring-server and bowstring-server-metrics, say. */
    private static boolean isOfPlatform(String variable, String value) {
        String name = variable.substring(ENVIRONMENT_PREFIX.length());
        return OF_PLATFORM.matcher(name).matches() || (name.endsWith("PORT") && value.contains("://"));
    }
}
