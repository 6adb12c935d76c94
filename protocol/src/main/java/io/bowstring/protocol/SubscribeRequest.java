package io.bowstring.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic's stream is wanted as the reply. Immutable.
 *
 * @param topic which
 * @param from where it starts
 * @param until where it ends
 * @param onLag what happens when the subscriber is too slow
 * @param columns which columns of the topic, or null for all of them
 */
public record SubscribeRequest(
        TopicName topic,
        StartPosition from,
        EndPosition until,
        LagPolicy onLag,
        @Nullable ColumnNames columns) implements Request {
    private static final List<String> KEYS = List.of(Keys.SUBSCRIBE, Keys.FROM, Keys.UNTIL, Keys.ON_LAG, Keys.COLUMNS);

    /** Asks for all columns. */
    public SubscribeRequest(TopicName topic, StartPosition from, EndPosition until, LagPolicy onLag) {
        this(topic, from, until, onLag, null);
    }

    static SubscribeRequest parse(Map<String, String> entries) {
        Requests.requireKeys(entries, KEYS);
        String until = entries.get(Keys.UNTIL);
        String columns = entries.get(Keys.COLUMNS);
        return new SubscribeRequest(
                new TopicName(entries.getOrDefault(Keys.SUBSCRIBE, "")),
                StartPosition.parse(entries.getOrDefault(Keys.FROM, "latest")),
                until == null ? EndPosition.LIVE : EndPosition.parse(until),
                LagPolicy.parse(entries.getOrDefault(Keys.ON_LAG, "disconnect")),
                columns == null ? null : ColumnNames.parse(columns));
    }

    @Override
    public Map<String, String> toMetadata() {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(Keys.SUBSCRIBE, topic.value());
        entries.put(Keys.FROM, from.toString());
        if (until.kind() != EndPosition.Kind.LIVE) {
            entries.put(Keys.UNTIL, until.toString());
        }
        entries.put(Keys.ON_LAG, onLag.toString());
        if (columns != null) {
            entries.put(Keys.COLUMNS, columns.toString());
        }
        return entries;
    }
}
