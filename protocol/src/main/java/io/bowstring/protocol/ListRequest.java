package io.bowstring.protocol;

import java.util.List;
import java.util.Map;

/**
 * A table of the topics is wanted as the reply. Immutable.
 *
 * @param prefix what their names begin with; empty for all
 */
public record ListRequest(String prefix) implements Request {
    private static final List<String> KEYS = List.of(Keys.LIST);

    static ListRequest parse(Map<String, String> entries) {
        Requests.requireKeys(entries, KEYS);
        return new ListRequest(entries.getOrDefault(Keys.LIST, ""));
    }

    @Override
    public Map<String, String> toMetadata() {
        return Map.of(Keys.LIST, prefix);
    }
}
