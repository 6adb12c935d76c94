package io.bowstring.server;

import io.bowstring.broker.MemoryConfig;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.broker.TopicPattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the values of the configuration. Each method throws an {@link IllegalArgumentException} whose message says what it
 * expects. Not instantiable.
 */
final class ConfigValue {
    /** The path that stands for none. */
    static final Path NO_PATH = Path.of("none");

    private static final Pattern BYTES = Pattern.compile("([0-9]{1,12}) ?(B|KiB|MiB|GiB)?");
    private static final Pattern PERCENT = Pattern.compile("([1-9][0-9]?|100) ?%");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m)");

    private ConfigValue() {}

    static List<TopicPattern> names(String text) {
        try {
            return Arrays.stream(text.split(",", -1))
                    .map(pattern -> new TopicPattern(pattern.trim()))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("names or patterns with *, separated by commas");
        }
    }

    static Integer number(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("a number from 0 to 999999999");
        }
        return Integer.valueOf(text);
    }

    /** Returns a path, {@link #NO_PATH} for none. */
    static Path path(String text) {
        if (text.isEmpty() || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException("a path, or none");
        }
        return Path.of(text);
    }

    /** Returns whether topics are durable. */
    static Boolean isDurable(String text) {
        return switch (text) {
            case "memory" -> false;
            case "durable" -> true;
            default -> throw new IllegalArgumentException("memory or durable");
        };
    }

    static SyncPolicy sync(String text) {
        return switch (text) {
            case "always" -> SyncPolicy.ALWAYS;
            case "interval" -> SyncPolicy.INTERVAL;
            case "os" -> SyncPolicy.OS;
            default -> throw new IllegalArgumentException("always, interval or os");
        };
    }

    static String host(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a name or an address");
        }
        return text;
    }

    static Long bytes(String text) {
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

    /** Returns so many bytes as there may be less than 2 GiB of. */
    static Integer intBytes(String text) {
        long bytes = bytes(text);
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("less than 2GiB");
        }
        return (int) bytes;
    }

    static Long memory(String text) {
        Matcher matcher = PERCENT.matcher(text);
        return matcher.matches() ? MemoryConfig.directMemory(Integer.parseInt(matcher.group(1))) : bytes(text);
    }

    /** Returns a time as {@link #time} reads it, in the largest unit in which it is whole. */
    static String text(Duration time) {
        if (time.toMillisPart() != 0) {
            return time.toMillis() + "ms";
        }
        return time.toSecondsPart() == 0 ? time.toMinutes() + "m" : time.toSeconds() + "s";
    }

    static Duration time(String text) {
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
}
