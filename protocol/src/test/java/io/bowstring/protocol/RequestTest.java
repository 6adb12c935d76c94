package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
    private static final TopicName TRADES = new TopicName("trades");

    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    static Stream<Request> requests() {
        return Stream.of(
                new PublishRequest(TRADES, false, false),
                new PublishRequest(TRADES, true, false),
                new PublishRequest(TRADES, false, true),
                new PublishRequest(TRADES, true, true),
                new PublishRequest(TRADES, true, false, new ProducerId("feed-1")),
                SubscribeRequest.of(TRADES.value()),
                SubscribeRequest.of(TRADES.value()).fromEarliest().untilEnd().onLag(LagPolicy.DROP),
                SubscribeRequest.of(TRADES.value())
                        .from(StartPosition.offset(7))
                        .until(EndPosition.before(9))
                        .onLag(LagPolicy.BLOCK),
                SubscribeRequest.of(TRADES.value()).from(StartPosition.last(3)),
                new SubscribeRequest(
                        TRADES,
                        StartPosition.LATEST,
                        EndPosition.LIVE,
                        LagPolicy.DISCONNECT,
                        new ColumnNames(List.of("px", "a,b"))),
                new SubscribeRequest(
                        TRADES,
                        StartPosition.LATEST,
                        EndPosition.LIVE,
                        LagPolicy.DISCONNECT,
                        new ColumnNames(List.of())),
                new ListRequest(""),
                new ListRequest("tr"),
                new DeleteRequest(new TopicName("trades")));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void parsesWhatItWrites(Request request) {
        assertThat(parse(request.toMetadata())).isEqualTo(request);
    }

    @Test
    void writesPublishKeys() {
        assertThat(new PublishRequest(TRADES, false, false).toMetadata())
                .containsExactly(Map.entry("bowstring.publish", "trades"));
        assertThat(new PublishRequest(TRADES, true, true).toMetadata())
                .containsExactly(
                        Map.entry("bowstring.publish", "trades"),
                        Map.entry("bowstring.ack", "true"),
                        Map.entry("bowstring.seal", "true"));
        assertThat(new PublishRequest(TRADES, true, false, new ProducerId("feed-1")).toMetadata())
                .containsExactly(
                        Map.entry("bowstring.publish", "trades"),
                        Map.entry("bowstring.ack", "true"),
                        Map.entry("bowstring.producer", "feed-1"));
    }

    @Test
    void saysWhatASubscriptionWants() {
        assertThat(SubscribeRequest.of("trades"))
                .isEqualTo(new SubscribeRequest(
                        TRADES, StartPosition.LATEST, EndPosition.LIVE, LagPolicy.DISCONNECT, null));
        assertThat(SubscribeRequest.of("trades")
                        .from(StartPosition.last(10))
                        .until(EndPosition.before(42))
                        .onLag(LagPolicy.BLOCK)
                        .columns("px", "a,b"))
                .isEqualTo(new SubscribeRequest(
                        TRADES,
                        StartPosition.last(10),
                        EndPosition.before(42),
                        LagPolicy.BLOCK,
                        new ColumnNames(List.of("px", "a,b"))));
        assertThat(SubscribeRequest.of("trades").fromEarliest().untilEnd())
                .isEqualTo(new SubscribeRequest(
                        TRADES, StartPosition.EARLIEST, EndPosition.END, LagPolicy.DISCONNECT, null));
        assertRefused(
                () -> SubscribeRequest.of("a b"),
                ErrorCode.BAD_TOPIC_NAME,
                "topic: a b (expected: 1 to 249 of A-Z a-z 0-9 . _ -, no \"..\")");
    }

    @Test
    void writesSubscribeKeys() {
        assertThat(SubscribeRequest.of(TRADES.value()).toMetadata())
                .containsExactly(
                        Map.entry("bowstring.subscribe", "trades"),
                        Map.entry("bowstring.from", "latest"),
                        Map.entry("bowstring.on-lag", "disconnect"));
        assertThat(SubscribeRequest.of(TRADES.value())
                        .fromEarliest()
                        .untilEnd()
                        .onLag(LagPolicy.DROP)
                        .toMetadata())
                .containsExactly(
                        Map.entry("bowstring.subscribe", "trades"),
                        Map.entry("bowstring.from", "earliest"),
                        Map.entry("bowstring.until", "end"),
                        Map.entry("bowstring.on-lag", "drop"));
    }

    @Test
    void writesListKey() {
        assertThat(new ListRequest("tr").toMetadata()).containsExactly(Map.entry("bowstring.list", "tr"));
    }

    @Test
    void appliesDefaults() {
        assertThat(parse(Map.of("bowstring.publish", "trades"))).isEqualTo(new PublishRequest(TRADES, false, false));
        assertThat(parse(Map.of("bowstring.subscribe", "trades"))).isEqualTo(SubscribeRequest.of(TRADES.value()));
        assertThat(parse(Map.of("bowstring.list", ""))).isEqualTo(new ListRequest(""));
    }

    @Test
    void replacesProtocolKeysOfSchemaItEdits() {
        IpcSchema schema = IpcSchema.of(
                List.of(),
                ordered("bowstring.topic", "old", "mine", "kept", "bowstring.seal", "true"),
                allocator.get());

        IpcSchema edited = schema.edited(new PublishRequest(TRADES, true, false).toEdit(), allocator.get());

        assertThat(edited.schemaMetadata())
                .containsExactly(
                        Map.entry("mine", "kept"),
                        Map.entry("bowstring.publish", "trades"),
                        Map.entry("bowstring.ack", "true"));
        edited.release();
    }

    @Test
    void acceptsFieldsOnPublish() {
        List<IpcField> fields = List.of(IpcField.of("px", false, IpcType.INT64));

        assertThat(parse(fields, Map.of("bowstring.publish", "trades")))
                .isEqualTo(new PublishRequest(TRADES, false, false));
    }

    @Test
    void ignoresKeysOfOthers() {
        assertThat(parse(ordered("pandas", "{}", "bowstring.list", "tr", "Bowstring.publish", "x", "bowstringer", "")))
                .isEqualTo(new ListRequest("tr"));
    }

    @Test
    void toleratesKeysOfReplyOnPublish() {
        assertThat(parse(ordered(
                        "bowstring.topic",
                        "old",
                        "bowstring.log",
                        "c0ffee",
                        "bowstring.offset",
                        "12",
                        "bowstring.publish",
                        "trades")))
                .isEqualTo(new PublishRequest(TRADES, false, false));
    }

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

    @ParameterizedTest
    @ValueSource(strings = {"bowstring.ack", "bowstring.seal"})
    void acceptsFlagThatIsFalse(String key) {
        assertThat(parse(ordered("bowstring.publish", "trades", key, "false")))
                .isEqualTo(new PublishRequest(TRADES, false, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "AZaz09._-", "..", "."})
    void acceptsProducer(String id) {
        assertThat(parse(ordered("bowstring.publish", "trades", "bowstring.ack", "true", "bowstring.producer", id)))
                .isEqualTo(new PublishRequest(TRADES, true, false, new ProducerId(id)));
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
                "bowstring.from: first (expected: latest, earliest, an offset, or -N for the last N batches)");
        assertRefused(
                () -> parse(ordered("bowstring.subscribe", "trades", "bowstring.until", "")),
                ErrorCode.BAD_REQUEST,
                "bowstring.until:  (expected: end, or the offset to stop before)");
        assertRefused(
                () -> parse(ordered("bowstring.subscribe", "trades", "bowstring.on-lag", "BLOCK")),
                ErrorCode.BAD_REQUEST,
                "bowstring.on-lag: BLOCK (expected: disconnect, drop or block)");
    }

    private Request parse(Map<String, String> metadata) {
        return parse(List.of(), metadata);
    }

    private Request parse(List<IpcField> fields, Map<String, String> metadata) {
        IpcSchema schema = IpcSchema.of(fields, metadata, allocator.get());
        try {
            return Request.parse(schema);
        } finally {
            schema.release();
        }
    }

    private static Map<String, String> ordered(String... keysAndValues) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return entries;
    }
}
