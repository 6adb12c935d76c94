package io.bowstring.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes and requests that nobody should send: each is refused by name, and a neighbour's stream does not notice. */
@ExtendWith(LeakDetection.class)
class BadInputTest {
    private Server server;
    private Neighbour neighbour;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
        neighbour = Neighbour.start(server);
    }

    @AfterEach
    void stop() {
        neighbour.close();
        server.close();
    }

    static Stream<Arguments> wrongFirstBytes() {
        byte[] batch = Messages.batch(1);
        return Stream.of(
                arguments("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII), "BAD_STREAM"),
                arguments("TLS hello", new byte[] {0x16, 3, 1, 0, (byte) 0xA5, 1, 0, 0, (byte) 0xA1}, "BAD_STREAM"),
                arguments("stream without continuation marker", new byte[] {16, 0, 0, 0, 0, 0, 0, 0}, "BAD_STREAM"),
                arguments("negative metadata length", Messages.prefix(Integer.MIN_VALUE), "BAD_STREAM"),
                arguments("metadata length that is not padded", Messages.prefix(9), "BAD_STREAM"),
                arguments("huge metadata length", Messages.prefix(Integer.MAX_VALUE - 7), "TOO_LARGE"),
                arguments("metadata of zeros", Messages.concat(Messages.prefix(64), new byte[64]), "BAD_STREAM"),
                arguments("batch before schema", batch, "BAD_STREAM"),
                arguments("end before schema", Messages.END, "BAD_STREAM"),
                arguments("metadata version 3", Messages.withVersion(Messages.publish("t"), 2), "UNSUPPORTED"),
                arguments("body of a schema", Messages.withBodyLength(Messages.publish("t"), 8), "BAD_STREAM"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("wrongFirstBytes")
    void refusesWrongFirstBytes(String what, byte[] bytes, String code) throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(bytes).expectRefusal(code).halfClose().expectFin();
        }
        assertThat(Topics.list(server)).hasSize(1);
    }

    static Stream<Arguments> wrongLaterBytes() {
        byte[] batch = Messages.batch(3);
        return Stream.of(
                arguments("second schema", Messages.publish("t"), "BAD_STREAM"),
                arguments("negative metadata length", Messages.prefix(-8), "BAD_STREAM"),
                arguments("huge metadata length", Messages.prefix((1 << 20) + 8), "TOO_LARGE"),
                arguments("negative body length", Messages.withBodyLength(batch, -8), "BAD_STREAM"),
                arguments("huge body length", Messages.withBodyLength(batch, Long.MAX_VALUE), "TOO_LARGE"),
                arguments("body above the limit", Messages.withBodyLength(batch, (64 << 20) + 8), "TOO_LARGE"),
                arguments("metadata version 3", Messages.withVersion(batch, 2), "UNSUPPORTED"),
                arguments("no marker", new byte[8], "BAD_STREAM"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("wrongLaterBytes")
    void keepsWholeBatchesInFrontOfWrongBytes(String what, byte[] bytes, String code) throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("t"), Messages.batch(1), Messages.batch(2), bytes);

            client.expectRefusal(code).halfClose().expectFin();
        }
        Topics.await(server, "t", topic -> topic.batches() == 2 && topic.publishers() == 0);
    }

    @Test
    void refusesBigEndianData() throws Exception {
        byte[] bigEndian = GoldenStreams.read(GoldenStreams.bigEndian().get(0));

        try (WireClient client = WireClient.connect(server)) {
            client.send(bigEndian).expectRefusal("UNSUPPORTED");
        }
    }

    static Stream<Arguments> wrongRequests() {
        return Stream.of(
                arguments("no verb", Messages.request("a", "b"), "BAD_REQUEST"),
                arguments(
                        "two verbs", Messages.request("bowstring.list", "", "bowstring.subscribe", "t"), "BAD_REQUEST"),
                arguments("unknown key", Messages.subscribe("t", "bowstring.form", "latest"), "BAD_REQUEST"),
                arguments("key of another verb", Messages.publish("t", "bowstring.from", "latest"), "BAD_REQUEST"),
                arguments("wrong start", Messages.subscribe("t", "bowstring.from", "yesterday"), "BAD_REQUEST"),
                arguments("wrong end", Messages.subscribe("t", "bowstring.until", "-1"), "BAD_REQUEST"),
                arguments("wrong policy", Messages.subscribe("t", "bowstring.on-lag", "wait"), "BAD_REQUEST"),
                arguments("wrong flag", Messages.publish("t", "bowstring.ack", "yes"), "BAD_REQUEST"),
                arguments(
                        "fields with subscribe",
                        Messages.schema(Messages.FIELDS, Map.of("bowstring.subscribe", "t")),
                        "BAD_REQUEST"),
                arguments(
                        "start that is not there yet",
                        Messages.subscribe(Neighbour.TOPIC, "bowstring.from", "999999999"),
                        "BAD_REQUEST"),
                arguments("empty topic", Messages.publish(""), "BAD_TOPIC_NAME"),
                arguments("topic that leads elsewhere", Messages.publish("../t"), "BAD_TOPIC_NAME"),
                arguments("topic with a space", Messages.subscribe("a b"), "BAD_TOPIC_NAME"),
                arguments("long topic", Messages.publish("t".repeat(250)), "BAD_TOPIC_NAME"),
                arguments(
                        "end of an unknown topic", Messages.subscribe("t", "bowstring.until", "end"), "UNKNOWN_TOPIC"),
                arguments(
                        "other fields than the topic's",
                        Messages.schema(
                                List.of(IpcField.of("n", true, IpcType.INT64)),
                                Map.of("bowstring.publish", Neighbour.TOPIC)),
                        "SCHEMA_MISMATCH"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("wrongRequests")
    void refusesWrongRequest(String what, byte[] request, String code) throws Exception {
        try (WireClient client = WireClient.connect(server)) {
            client.send(request).expectRefusal(code).halfClose().expectFin();
        }
        assertThat(Topics.list(server)).hasSize(1);
    }

    @Test
    void refusesToPublishToSealedTopic() throws Exception {
        try (WireClient first = WireClient.connect(server);
                WireClient second = WireClient.connect(server)) {
            first.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1), Messages.END);
            Topics.await(server, "t", topic -> topic.isSealed());

            second.send(Messages.publish("t"), Messages.batch(2)).expectRefusal("TOPIC_SEALED");
        }
        assertThat(Topics.await(server, "t", topic -> topic.publishers() == 0).batches())
                .isEqualTo(1);
    }

    @Test
    void saysWhyToOneWhoGoesOnWriting() throws Exception {
        byte[] batch = Messages.counting(0, 100_000);

        try (WireClient client = WireClient.connect(server)) {
            client.send(Messages.publish("bad name"), batch, batch, batch, batch);

            client.expectRefusal("BAD_TOPIC_NAME");
        }
    }

    @Test
    void leavesOtherConnectionsOfTheSameTopicAlone() throws Exception {
        byte[] mismatch = Messages.schema(
                List.of(IpcField.of("m", false, IpcType.INT64)), Map.of("bowstring.publish", Neighbour.TOPIC));

        for (int i = 0; i < 20; i++) {
            try (WireClient client = WireClient.connect(server)) {
                client.send(mismatch, Messages.batch(1)).expectRefusal("SCHEMA_MISMATCH");
            }
        }
        Topics.await(server, Neighbour.TOPIC, topic -> topic.publishers() == 1 && topic.subscribers() == 1);
    }
}
