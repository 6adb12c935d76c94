package io.bowstring.protocol;

import java.util.regex.Pattern;

/**
 * The name of a topic: 1 to 249 of {@code A-Z a-z 0-9 . _ -}, neither {@code .} nor with {@code ..} in it, so that it
 * can name a file. Immutable.
 */
public record TopicName(String value) implements Comparable<TopicName> {
    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    /**
     * Checks the name.
     *
     * @throws ProtocolException {@code BAD_TOPIC_NAME}
     */
    public TopicName {
        if (!PATTERN.matcher(value).matches() || value.equals(".") || value.contains("..")) {
            throw ProtocolException.of(
                    ErrorCode.BAD_TOPIC_NAME, "topic", value, "1 to 249 of A-Z a-z 0-9 . _ -, no \"..\"");
        }
    }

    @Override
    public int compareTo(TopicName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
