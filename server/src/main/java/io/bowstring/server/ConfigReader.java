package io.bowstring.server;

import io.bowstring.broker.BlockLimits;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.broker.PublisherLimits;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicLimits;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import io.bowstring.codec.IpcLimits;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a {@link ServerConfig} from file, environment and flags. Confined to the caller's thread. */
final class ConfigReader {
    private static final Pattern BYTES = Pattern.compile("([0-9]{1,12}) ?(B|KiB|MiB|GiB)?");
    private static final Pattern PERCENT = Pattern.compile("([1-9][0-9]?|100) ?%");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m)");

    private final SmallRyeConfig config;

    ConfigReader(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        Map<String, String> variables = new HashMap<>();
        environment.forEach((variable, value) -> {
            String key = ConfigKey.fromVariable(variable);
            if (key != null) {
                variables.put(key, value);
            }
        });
        flags.keySet().forEach(key -> ConfigKey.requireKey("flag", key));
        this.config = new SmallRyeConfigBuilder()
                .withSources(
                        new PropertiesConfigSource(flags, "flags", 300),
                        new PropertiesConfigSource(variables, "environment", 200),
                        new PropertiesConfigSource(readFile(file), "file", 100))
                .build();
    }

    ServerConfig read() {
        ServerConfig defaults = ServerConfig.DEFAULTS;
        try {
            return new ServerConfig(
                    value(ConfigKey.HOST, defaults.host(), ConfigReader::parseHost),
                    number(ConfigKey.PORT, defaults.port()),
                    unix(),
                    limits(defaults.limits()),
                    broker(defaults.broker()),
                    connections(defaults.connections()),
                    bytes(ConfigKey.POOL_MEMORY, defaults.poolMemoryBytes()),
                    time(ConfigKey.DRAIN_TIMEOUT, defaults.drainTimeout()));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(ConfigKey.aboutKey(String.valueOf(e.getMessage())));
        }
    }

    private BrokerConfig broker(BrokerConfig defaults) {
        return new BrokerConfig(
                topic(defaults.topic()),
                overrides(),
                value(ConfigKey.TOPICS, defaults.names(), ConfigReader::parseNames),
                topics(defaults.topics()),
                publishers(defaults.publishers()),
                blocking(defaults.blocking()),
                memory(defaults.memory()));
    }

    private PublisherLimits publishers(PublisherLimits defaults) {
        return new PublisherLimits(
                bytes(ConfigKey.MAX_DICTIONARY_MEMORY, defaults.maxDictionaryBytes()),
                number(ConfigKey.MAX_DICTIONARY_DELTAS, defaults.maxDictionaryDeltas()),
                bytes(ConfigKey.MAX_IN_FLIGHT, defaults.maxInFlightBytes()));
    }

    private BlockLimits blocking(BlockLimits defaults) {
        return new BlockLimits(
                time(ConfigKey.BLOCK_TIMEOUT, defaults.blockTimeout()),
                bytes(ConfigKey.MIN_BLOCK_RATE, defaults.minBlockBytesPerSecond()));
    }

    private TopicLimits topics(TopicLimits defaults) {
        return new TopicLimits(
                number(ConfigKey.MAX_TOPICS, defaults.maxTopics()),
                number(ConfigKey.MAX_NEW_TOPICS_PER_MINUTE, defaults.maxNewTopicsPerMinute()),
                value(ConfigKey.EMPTY_TOPIC_AGE, defaults.emptyTopicAge(), ConfigReader::parseDuration),
                number(ConfigKey.MAX_PRODUCERS, defaults.maxProducers()),
                value(ConfigKey.PRODUCER_AGE, defaults.producerAge(), ConfigReader::parseDuration));
    }

    private MemoryConfig memory(MemoryConfig defaults) {
        return new MemoryConfig(
                value(ConfigKey.MEMORY, defaults.memoryBytes(), ConfigReader::parseMemory),
                bytes(ConfigKey.MAX_CONNECTION_MEMORY, defaults.maxConnectionBytes()),
                bytes(ConfigKey.MAX_TOPIC_MEMORY, defaults.maxTopicBytes()));
    }

    private TopicConfig topic(TopicConfig defaults) {
        return new TopicConfig(
                bytes(ConfigKey.TOPIC_WINDOW, defaults.windowBytes()),
                number(ConfigKey.TOPIC_BATCHES, defaults.windowBatches()),
                value(ConfigKey.TOPIC_AGE, defaults.windowAge(), ConfigReader::parseDuration));
    }

    /** Returns what is set for some topics; the longest pattern last, so that it holds. */
    private List<TopicOverride> overrides() {
        Set<String> patterns =
                new TreeSet<>(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        for (String name : config.getPropertyNames()) {
            String pattern = ConfigKey.patternOf(name);
            if (pattern != null) {
                patterns.add(pattern);
            }
        }
        return patterns.stream().map(this::override).toList();
    }

    private TopicOverride override(String pattern) {
        String window = ConfigKey.TOPIC_WINDOW.keyFor(pattern);
        String batches = ConfigKey.TOPIC_BATCHES.keyFor(pattern);
        String age = ConfigKey.TOPIC_AGE.keyFor(pattern);
        try {
            return new TopicOverride(
                    new TopicPattern(pattern),
                    find(window, ConfigReader::parseBytes),
                    find(batches, ConfigReader::parseNumber),
                    find(age, ConfigReader::parseDuration));
        } catch (IllegalArgumentException e) {
            String about = ConfigKey.aboutKey(String.valueOf(e.getMessage()));
            throw new ConfigurationException(about.replaceFirst("^(topic-[a-z]+):", "$1[" + pattern + "]:"));
        }
    }

    private IpcLimits limits(IpcLimits defaults) {
        return new IpcLimits(
                intBytes(ConfigKey.MAX_METADATA, defaults.maxMetadataBytes()),
                intBytes(ConfigKey.MAX_SCHEMA, defaults.maxSchemaBytes()),
                intBytes(ConfigKey.MAX_BODY, defaults.maxBodyBytes()),
                number(ConfigKey.MAX_FIELDS, defaults.maxFields()),
                number(ConfigKey.MAX_DEPTH, defaults.maxDepth()),
                number(ConfigKey.MAX_SCHEMA_ENTRIES, defaults.maxSchemaEntries()),
                intBytes(ConfigKey.MAX_SCHEMA_ENTRY_BYTES, defaults.maxSchemaEntryBytes()),
                number(ConfigKey.MAX_MESSAGE_ENTRIES, defaults.maxMessageEntries()),
                intBytes(ConfigKey.MAX_MESSAGE_ENTRY_BYTES, defaults.maxMessageEntryBytes()),
                number(ConfigKey.MAX_DICTIONARIES, defaults.maxDictionaries()),
                intBytes(ConfigKey.MAX_DECOMPRESSED, defaults.maxDecompressedBytes()));
    }

    private ConnectionLimits connections(ConnectionLimits defaults) {
        return new ConnectionLimits(
                counts(defaults.counts()),
                time(ConfigKey.REQUEST_TIMEOUT, defaults.requestTimeout()),
                minRate(defaults.minRate()),
                time(ConfigKey.WRITE_TIMEOUT, defaults.writeTimeout()),
                time(ConfigKey.PEER_TIMEOUT, defaults.peerTimeout()),
                value(ConfigKey.RECEIVE_MEMORY, defaults.receiveMemoryBytes(), ConfigReader::parseMemory));
    }

    private ConnectionCounts counts(ConnectionCounts defaults) {
        return new ConnectionCounts(
                number(ConfigKey.MAX_CONNECTIONS, defaults.maxConnections()),
                number(ConfigKey.MAX_CONNECTIONS_PER_ADDRESS, defaults.maxConnectionsPerAddress()),
                number(ConfigKey.MAX_CONNECTIONS_PER_SECOND, defaults.maxConnectionsPerSecond()));
    }

    private MinRate minRate(MinRate defaults) {
        return new MinRate(
                bytes(ConfigKey.MIN_RATE, defaults.minBytesPerSecond()),
                time(ConfigKey.MIN_RATE_TIME, defaults.minRateTime()));
    }

    private Duration time(ConfigKey key, Duration absent) {
        return value(key, absent, ConfigReader::parseDuration);
    }

    private int number(ConfigKey key, int absent) {
        return value(key, absent, ConfigReader::parseNumber);
    }

    private long bytes(ConfigKey key, long absent) {
        return value(key, absent, ConfigReader::parseBytes);
    }

    private int intBytes(ConfigKey key, int absent) {
        return value(key, absent, text -> {
            long bytes = parseBytes(text);
            if (bytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("less than 2GiB");
            }
            return (int) bytes;
        });
    }

    private <T> T value(ConfigKey key, T absent, Function<String, T> parser) {
        T found = find(key.key(), parser);
        return found == null ? absent : found;
    }

    /** Returns what is set under a name, null where nothing is. */
    private <T> @Nullable T find(String name, Function<String, T> parser) {
        String text =
                config.getConfigValue(name).getValue(); // as it stands: an empty value is wrong, and not an absent one
        if (text == null) {
            return null;
        }
        try {
            return parser.apply(text.trim());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(name + ": " + text + " (expected: " + e.getMessage() + ")");
        }
    }

    private static List<TopicPattern> parseNames(String text) {
        try {
            return Arrays.stream(text.split(",", -1))
                    .map(pattern -> new TopicPattern(pattern.trim()))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("names or patterns with *, separated by commas");
        }
    }

    private static Integer parseNumber(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("a number from 0 to 999999999");
        }
        return Integer.valueOf(text);
    }

    private @Nullable Path unix() {
        Path none = Path.of("none");
        Path path = value(ConfigKey.UNIX, none, ConfigReader::parsePath);
        return path.equals(none) ? null : path;
    }

    private static Path parsePath(String text) {
        if (text.isEmpty() || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException("a path, or none");
        }
        return Path.of(text);
    }

    private static String parseHost(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a name or an address");
        }
        return text;
    }

    private static long parseBytes(String text) {
        Matcher matcher = BYTES.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a number of B, KiB, MiB or GiB, 64MiB for example");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        int shift = switch (unit) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 0;
        };
        long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("less than 8 EiB");
        }
        return number << shift;
    }

    private static long parseMemory(String text) {
        Matcher matcher = PERCENT.matcher(text);
        return matcher.matches() ? BrokerConfig.directMemory(Integer.parseInt(matcher.group(1))) : parseBytes(text);
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a number of ms, s or m, 10s for example");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
    }

    private static Map<String, String> readFile(@Nullable Path file) {
        Map<String, String> values = new HashMap<>();
        if (file != null) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new ConfigurationException("config file: " + file + " (expected: a readable properties file)");
            }
            for (String key : properties.stringPropertyNames()) {
                ConfigKey.requireKey(file.toString(), key);
                values.put(key, properties.getProperty(key));
            }
        }
        return values;
    }
}
