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
        int at = 0;
        int star = -1; // the last one that was met, and where what it stands for ends so far
        int starEnd = 0;
        for (int i = 0; i < name.length(); ) {
            if (at < value.length() && value.charAt(at) == '*') {
                star = at++;
                starEnd = i;
            } else if (at < value.length() && value.charAt(at) == name.charAt(i)) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++starEnd;
            } else {
                return false;
            }
        }
        return value.substring(at).chars().allMatch(rest -> rest == '*');
    }

    @Override
    public String toString() {
        return value;
    }
}
