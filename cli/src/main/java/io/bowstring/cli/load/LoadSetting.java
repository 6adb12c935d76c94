package io.bowstring.cli.load;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The settings of a scenario. */
enum LoadSetting {
    PUBLISHERS("publishers"),
    SUBSCRIBERS("subscribers, a multiple of the topics"),
    TOPICS("topics"),
    BODY("bytes of the body of a batch"),
    COLUMNS("columns of a batch"),
    RATE("batches per second of all publishers together"),
    DURATION("how long is measured"),
    STALLED("subscribers that take nothing"),
    GARBAGE("connections at a time that send no Arrow"),
    RESTARTED_RATE("batches per second of the publisher that is killed"),
    RESTARTED_AFTER("seconds from its first batch until it is killed"),
    MIN_BATCHES_PER_S("batches per second that all subscribers together receive at least"),
    MAX_P50_MS("milliseconds that half of the batches take at most"),
    MAX_P99_MS("milliseconds that 99 % of the batches take at most"),
    MAX_MS("milliseconds that every batch takes at most");

    private static final String PREFIX = "LOAD_";

    private final String meaning;

    LoadSetting(String meaning) {
        this.meaning = meaning;
    }

    /**
     * Returns the setting of this name.
     *
     * @throws LoadException if there is none
     */
    static LoadSetting named(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new LoadException("setting: " + key + " (expected: one of "
                        + Arrays.stream(values()).map(LoadSetting::key).collect(Collectors.joining(", ")) + ")"));
    }

    /** Returns its name in a scenario. */
    String key() {
        return PREFIX + name();
    }

    /** Returns what it says, for people. */
    String meaning() {
        return meaning;
    }
}
