package io.bowstring.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic's stream is wanted as the reply:
 *
 * <pre>{@code
 * SubscribeRequest.of("prices").fromEarliest().onLag(LagPolicy.BLOCK)
 * }</pre>
 *
 * <p>Immutable: each method returns another request.
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

    /**
     * Asks for all columns of what is published from now on, until the topic is sealed; is cut when it is too slow.
     *
     * @throws ProtocolException {@code BAD_TOPIC_NAME} if that is no name of a topic
     */
    public static SubscribeRequest of(String topic) {
        return new SubscribeRequest(
                new TopicName(topic), StartPosition.LATEST, EndPosition.LIVE, LagPolicy.DISCONNECT, null);
    }

    /** Returns this request with another start. */
    public SubscribeRequest from(StartPosition other) {
        return new SubscribeRequest(topic, other, until, onLag, columns);
    }

    /** Returns this request from the oldest batch on that is retained. */
    public SubscribeRequest fromEarliest() {
        return from(StartPosition.EARLIEST);
    }

    /** Returns this request with another end. */
    public SubscribeRequest until(EndPosition other) {
        return new SubscribeRequest(topic, from, other, onLag, columns);
    }

    /** Returns this request until the last batch that the topic holds when the subscription starts. */
    public SubscribeRequest untilEnd() {
        return until(EndPosition.END);
    }

    /** Returns this request with another policy for a subscriber that is too slow. */
    public SubscribeRequest onLag(LagPolicy other) {
        return new SubscribeRequest(topic, from, until, other, columns);
    }

    /**
     * Returns this request for some of the columns, in that order.
     *
     * @throws ProtocolException {@code BAD_REQUEST} if a name stands there twice
     */
    public SubscribeRequest columns(String first, String... others) {
        List<String> names = new ArrayList<>(List.of(first));
        names.addAll(List.of(others));
        return new SubscribeRequest(topic, from, until, onLag, new ColumnNames(names));
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
