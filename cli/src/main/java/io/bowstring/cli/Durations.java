package io.bowstring.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as they stand on the command line and in the configuration of a server. Not instantiable. */
final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(ms|s|m)");

    private Durations() {}

    /**
     * Parses {@code 500ms}, {@code 10s} or {@code 2m}.
     *
     * @throws IllegalArgumentException if the text is anything else, or no time at all
     */
    static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || form.group(1).matches("0+")) {
            throw new IllegalArgumentException("time: " + text + " (expected: a number of ms, s or m, more than 0)");
        }
        long number = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            default -> Duration.ofMinutes(number);
        };
    }
}
