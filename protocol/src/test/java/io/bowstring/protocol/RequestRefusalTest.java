package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static io.bowstring.protocol.RequestTest.TRADES;
import static io.bowstring.protocol.RequestTest.ordered;
import static io.bowstring.protocol.RequestTest.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas that are no request, and requests that a server does not take. */
class RequestRefusalTest {
    /** {@link RequestTest#parse} uses it; this class checks it after each of its own tests. */
    @RegisterExtension
    static final TrackingAllocator ALLOCATOR = RequestTest.ALLOCATOR;

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.publish", "bowstring.subscribe", "bowstring.list"})
    void refusesTokenAndDoesNotRepeatIt(String verb) {
        assertRefused(
                () -> parse(ordered(verb, "trades", "bowstring.token", "secret")),
                ErrorCode.UNAUTHENTICATED,
                "bowstring.token: not repeated here (expected: none; this server knows none)");
    }

    @Test
    void refusesLongRequestWithoutData() {
        String longText = "x".repeat(Requests.MAX_BYTES);

        assertThatThrownBy(() -> parse(ordered("bowstring.subscribe", "trades", "bowstring.columns", longText)))
                .isInstanceOfSatisfying(
                        ProtocolException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
                .hasMessageStartingWith("bytes of the request: ")
                .hasMessageEndingWith(" (expected: <= 262144 with bowstring.subscribe)");
        assertThat(parse(ordered("bowstring.publish", "trades", "pandas", longText)))
                .isEqualTo(new PublishRequest(TRADES, false, false));
    }

    @Test
    void refusesSchemaWithoutVerb() {
        String message = "schema metadata: no request"
                + " (expected: one of bowstring.publish, bowstring.subscribe, bowstring.list, bowstring.delete)";

        assertRefused(() -> parse(Map.of()), ErrorCode.BAD_REQUEST, message);
        assertRefused(() -> parse(Map.of("bowstring.from", "latest")), ErrorCode.BAD_REQUEST, message);
    }

    @Test
    void refusesSecondVerb() {
        assertRefused(
                () -> parse(ordered("bowstring.publish", "trades", "bowstring.list", "")),
                ErrorCode.BAD_REQUEST,
                "schema metadata: [bowstring.publish, bowstring.list]"
                        + " (expected: one of bowstring.publish, bowstring.subscribe, bowstring.list, bowstring.delete)");
    }

    @Test
    void refusesUnknownKey() {
        assertRefused(
                () -> parse(ordered("bowstring.publish", "trades", "bowstring.colour", "red")),
                ErrorCode.BAD_REQUEST,
                "key: bowstring.colour (expected: with bowstring.publish only"
                        + " [bowstring.publish, bowstring.ack, bowstring.seal, bowstring.producer])");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.from", "bowstring.until", "bowstring.on-lag"})
    void refusesSubscribeKeyOnPublish(String key) {
        assertRefused(
                () -> parse(ordered("bowstring.publish", "trades", key, "end")),
                ErrorCode.BAD_REQUEST,
                "key: " + key + " (expected: with bowstring.publish only"
                        + " [bowstring.publish, bowstring.ack, bowstring.seal, bowstring.producer])");
    }

    @Test
    void refusesOtherKeyOnDelete() {
        assertRefused(
                () -> parse(ordered("bowstring.delete", "trades", "bowstring.from", "latest")),
                ErrorCode.BAD_REQUEST,
                "key: bowstring.from (expected: with bowstring.delete only [bowstring.delete])");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.ack", "bowstring.seal", "bowstring.producer"})
    void refusesPublishKeyOnSubscribe(String key) {
        assertRefused(
                () -> parse(ordered("bowstring.subscribe", "trades", key, "true")),
                ErrorCode.BAD_REQUEST,
                "key: " + key + " (expected: with bowstring.subscribe only [bowstring.subscribe, bowstring.from,"
                        + " bowstring.until, bowstring.on-lag, bowstring.columns])");
    }

    @Test
    void refusesOtherKeyOnList() {
        assertRefused(
                () -> parse(ordered("bowstring.list", "", "bowstring.from", "latest")),
                ErrorCode.BAD_REQUEST,
                "key: bowstring.from (expected: with bowstring.list only [bowstring.list])");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.ack", "bowstring.seal"})
    void refusesFlagThatIsNeitherTrueNorFalse(String key) {
        for (String value : List.of("", "1", "yes", "True", "true ")) {
            assertRefused(
                    () -> parse(ordered("bowstring.publish", "trades", key, value)),
                    ErrorCode.BAD_REQUEST,
                    key + ": " + value + " (expected: true or false)");
        }
    }

    @Test
    void refusesProducerThatIsNoId() {
        for (String id : List.of("", "a b", "ä", "a/b", "x".repeat(129))) {
            String shown = id.length() > 64 ? id.substring(0, 64) + "…" : id;
            assertRefused(
                    () -> parse(
                            ordered("bowstring.publish", "trades", "bowstring.ack", "true", "bowstring.producer", id)),
                    ErrorCode.BAD_REQUEST,
                    "bowstring.producer: " + shown + " (expected: 1 to 128 of A-Z a-z 0-9 . _ -)");
        }
        assertThat(new ProducerId("x".repeat(128))).hasToString("x".repeat(128));
    }

    @Test
    void refusesProducerWithoutAcknowledgements() {
        assertRefused(
                () -> parse(ordered("bowstring.publish", "trades", "bowstring.producer", "a")),
                ErrorCode.BAD_REQUEST,
                "bowstring.ack: false (expected: true with bowstring.producer)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.subscribe", "bowstring.list"})
    void refusesFieldsWhereThereIsNoData(String verb) {
        List<IpcField> fields =
                List.of(IpcField.of("px", false, IpcType.INT64), IpcField.of("qty", false, IpcType.INT64));

        assertRefused(
                () -> parse(fields, Map.of(verb, "trades")),
                ErrorCode.BAD_REQUEST,
                "fields: 2 (expected: 0 with " + verb + ")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.publish", "bowstring.subscribe"})
    void refusesBadTopicName(String verb) {
        assertRefused(
                () -> parse(Map.of(verb, "a b")),
                ErrorCode.BAD_TOPIC_NAME,
                "topic: a b (expected: 1 to 249 of A-Z a-z 0-9 . _ -, no \"..\")");
    }

    @Test
    void refusesBadPositions() {
        assertRefused(
                () -> parse(ordered("bowstring.subscribe", "trades", "bowstring.from", "first")),
                ErrorCode.BAD_REQUEST,
                "bowstring.from: first (expected: latest, earliest, an offset, -N for the last N batches,"
                        + " or a time such as 2026-11-30T12:00:00Z)");
        assertRefused(
                () -> parse(ordered("bowstring.subscribe", "trades", "bowstring.until", "")),
                ErrorCode.BAD_REQUEST,
                "bowstring.until:  (expected: end, or the offset to stop before)");
        assertRefused(
                () -> parse(ordered("bowstring.subscribe", "trades", "bowstring.on-lag", "BLOCK")),
                ErrorCode.BAD_REQUEST,
                "bowstring.on-lag: BLOCK (expected: disconnect, drop or block)");
    }
}
