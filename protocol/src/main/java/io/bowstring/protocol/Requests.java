package io.bowstring.protocol;

import io.bowstring.codec.IpcSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads requests. Not instantiable. */
final class Requests {
    /** The keys of which a request has one. */
    private static final List<String> VERBS = List.of(Keys.PUBLISH, Keys.SUBSCRIBE, Keys.LIST, Keys.DELETE);

    /** The longest schema message of a request that has no data. */
    static final int MAX_BYTES = 256 << 10;

    private Requests() {}

    /** Reads the request that a schema, borrowed, carries. */
    static Request parse(IpcSchema schema) {
        Map<String, String> entries = new LinkedHashMap<>(schema.schemaMetadata());
        entries.keySet().removeIf(key -> !key.startsWith(Keys.PREFIX));
        if (entries.containsKey(Keys.TOKEN)) {
            throw new ProtocolException(
                    ErrorCode.UNAUTHENTICATED,
                    Keys.TOKEN + ": not repeated here (expected: none; this server knows none)");
        }
        // A schema that was received from a subscription carries these; published again they mean nothing.
        entries.remove(Keys.TOPIC);
        entries.remove(Keys.LOG);
        entries.remove(Keys.OFFSET);
        List<String> verbs = entries.keySet().stream().filter(VERBS::contains).toList();
        if (verbs.size() != 1) {
            throw ProtocolException.of(
                    ErrorCode.BAD_REQUEST,
                    "schema metadata",
                    verbs.isEmpty() ? "no request" : verbs,
                    "one of " + String.join(", ", VERBS));
        }
        String verb = verbs.get(0);
        if (!verb.equals(Keys.PUBLISH) && !schema.fields().isEmpty()) {
            throw ProtocolException.of(
                    ErrorCode.BAD_REQUEST, "fields", schema.fields().size(), "0 with " + verb);
        }
        int bytes = schema.frame().readableBytes();
        if (!verb.equals(Keys.PUBLISH) && bytes > MAX_BYTES) {
            throw ProtocolException.of(
                    ErrorCode.TOO_LARGE, "bytes of the request", bytes, "<= " + MAX_BYTES + " with " + verb);
        }
        return switch (verb) {
            case Keys.PUBLISH -> PublishRequest.parse(entries);
            case Keys.SUBSCRIBE -> SubscribeRequest.parse(entries);
            case Keys.DELETE -> DeleteRequest.parse(entries);
            default -> ListRequest.parse(entries);
        };
    }

    /**
     * Checks that a request has no keys but its own.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    static void requireKeys(Map<String, String> entries, List<String> allowed) {
        for (String key : entries.keySet()) {
            if (!allowed.contains(key)) {
                throw ProtocolException.of(
                        ErrorCode.BAD_REQUEST, "key", key, "with " + allowed.get(0) + " only " + allowed);
            }
        }
    }

    /**
     * Reads a flag that is absent, {@code true} or {@code false}.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    static boolean flag(Map<String, String> entries, String key) {
        String text = entries.getOrDefault(key, "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw ProtocolException.of(ErrorCode.BAD_REQUEST, key, text, "true or false");
        }
        return text.equals("true");
    }
}
