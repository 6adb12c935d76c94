package io.bowstring.server;

import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a {@link ServerConfig} from file, environment and flags. Confined to the caller's thread. */
final class ConfigReader {
    private final Map<String, String> values = new HashMap<>();

    ConfigReader(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        if (file != null) {
            putFile(file);
        }
        environment.forEach((variable, value) -> {
            String key = ConfigKey.fromVariable(variable, value);
            if (key != null) {
                values.put(key, value);
            }
        });
        flags.forEach((key, value) -> {
            ConfigKey.requireKey("flag", key);
            values.put(key, value);
        });
    }

    private void putFile(Path file) {
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

    ServerConfig read() {
        ConfigDraft draft = new ConfigDraft();
        for (ConfigKey key : ConfigKey.values()) {
            set(draft, key, key.key());
        }
        ServerConfig config = draft.toConfig(overrides());
        if (config.storage().data() == null) {
            requireMemory();
        }
        return config;
    }

    /** Refuses topics that are to be durable: there is no place for them. */
    private void requireMemory() {
        values.forEach((name, text) -> {
            if (ConfigKey.STORAGE.isNamed(name) && ConfigValue.isDurable(text.trim())) {
                throw new ConfigurationException(name + ": " + text + " (expected: memory, or a directory for topics; "
                        + ConfigKey.DATA.key() + ")");
            }
        });
    }

    /** Returns what is set for some topics; the longest pattern last, so that it holds. */
    private List<TopicOverride> overrides() {
        Set<String> patterns =
                new TreeSet<>(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        for (String name : values.keySet()) {
            String pattern = ConfigKey.patternOf(name);
            if (pattern != null) {
                patterns.add(pattern);
            }
        }
        return patterns.stream().map(this::override).toList();
    }

    private TopicOverride override(String pattern) {
        ConfigDraft draft = new ConfigDraft();
        Set<ConfigKey> given = EnumSet.noneOf(ConfigKey.class);
        for (ConfigKey key : ConfigKey.PER_TOPIC) {
            if (set(draft, key, key.keyFor(pattern))) {
                given.add(key);
            }
        }
        try {
            return draft.toOverride(new TopicPattern(pattern), given);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    /** Sets what has been given under a name; returns whether anything has. */
    private boolean set(ConfigDraft draft, ConfigKey key, String name) {
        String text = values.get(name);
        if (text != null) {
            key.set(draft, name, text);
        }
        return text != null;
    }
}
