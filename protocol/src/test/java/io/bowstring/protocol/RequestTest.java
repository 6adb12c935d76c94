package io.bowstring.protocol;

import static io.bowstring.protocol.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import java.time.Instant;
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
    static final TopicName TRADES = new TopicName("trades");

    @RegisterExtension
    static final TrackingAllocator ALLOCATOR = new TrackingAllocator();

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
                SubscribeRequest.of(TRADES.value()).from(StartPosition.time(Instant.ofEpochSecond(-1, 1_000))),
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
                ALLOCATOR.get());

        IpcSchema edited = schema.edited(new PublishRequest(TRADES, true, false).toEdit(), ALLOCATOR.get());

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

    static Request parse(Map<String, String> metadata) {
        return parse(List.of(), metadata);
    }

    static Request parse(List<IpcField> fields, Map<String, String> metadata) {
        IpcSchema schema = IpcSchema.of(fields, metadata, ALLOCATOR.get());
        try {
            return Request.parse(schema);
        } finally {
            schema.release();
        }
    }

    static Map<String, String> ordered(String... keysAndValues) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return entries;
    }
}
