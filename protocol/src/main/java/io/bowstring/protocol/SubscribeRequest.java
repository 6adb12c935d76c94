package io.bowstring.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A topic's stream is wanted as the reply. Immutable.
 *
 * @param topic which
 * @param from where it starts
 * @param until where it ends
 * @param onLag what happens when the subscriber is too slow
 */
public record SubscribeRequest(TopicName topic, StartPosition from, EndPosition until, LagPolicy onLag)
        implements Request {
    private static final List<String> KEYS = List.of(Keys.SUBSCRIBE, Keys.FROM, Keys.UNTIL, Keys.ON_LAG, Keys.TOKEN);

    static SubscribeRequest parse(Map<String, String> entries) {
        Request.requireKeys(entries, KEYS);
        String until = entries.get(Keys.UNTIL);
        return new SubscribeRequest(
                new TopicName(entries.getOrDefault(Keys.SUBSCRIBE, "")),
                StartPosition.parse(entries.getOrDefault(Keys.FROM, "latest")),
                until == null ? EndPosition.LIVE : EndPosition.parse(until),
                LagPolicy.parse(entries.getOrDefault(Keys.ON_LAG, "disconnect")));
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
        return entries;
    }
}
