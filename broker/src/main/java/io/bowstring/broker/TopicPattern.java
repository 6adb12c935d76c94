package io.bowstring.broker;

import io.bowstring.protocol.TopicName;
import java.util.regex.Pattern;

/**
 * A topic's name in which each {@code *} stands for any characters, also for none: {@code trades.*} for example.
 * Immutable.
 */
public record TopicPattern(String value) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._*-]{1,249}");

    /**
     * Checks the pattern.
     *
     * @throws IllegalArgumentException if it has characters that no topic's name has
     */
    public TopicPattern {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("pattern: " + value + " (expected: 1 to 249 of A-Z a-z 0-9 . _ - *)");
        }
    }

    /** Returns whether the whole name matches. Takes at most as many steps as pattern times name have characters. */
    public boolean matches(TopicName topic) {
        String name = topic.value();
        String[] parts = value.split("\\*", -1);
        if (parts.length == 1) {
            return name.equals(value);
        }
        String last = parts[parts.length - 1];
        int at = parts[0].length();
        boolean matches = name.startsWith(parts[0]);
        for (int i = 1; matches && i < parts.length - 1; i++) {
            int found = name.indexOf(parts[i], at); // the first place leaves most for the parts to come
            matches = found >= 0;
            at = found + parts[i].length();
        }
        return matches && name.endsWith(last) && name.length() - last.length() >= at;
    }

    @Override
    public String toString() {
        return value;
    }
}
