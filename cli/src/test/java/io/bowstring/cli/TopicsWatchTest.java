package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(120)
@ExtendWith(LeakDetection.class)
class TopicsWatchTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();

    /** Runs the command until it has written {@code tables} times; then its reader is gone, as with {@code | head}. */
    private int watch(Server server, int tables, boolean isScreen, Runnable betweenTables, String... arguments) {
        OutputStream out = new OutputStream() {
            private int written;

            @Override
            public void write(int b) {
                throw new AssertionError("not buffered");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (written == tables) {
                    throw new IOException("Broken pipe");
                }
                written++;
                shown.write(bytes, offset, length);
            }

            @Override
            public void flush() { // a table that nobody flushes would not be seen
                betweenTables.run();
            }
        };
        List<String> line = new ArrayList<>(List.of("topics", "--watch", "--url", url(server)));
        line.addAll(List.of(arguments));
        StandardStreams streams = new StandardStreams(
                new ByteArrayInputStream(new byte[0]), out, new PrintWriter(err, true), false, isScreen);
        return Bowstring.run(streams, line.toArray(String[]::new));
    }

    private static String url(Server server) {
        return "bowstring://127.0.0.1:" + server.address().getPort();
    }

    private static void publish(Server server, String topic, IpcMessage... batches) {
        List<IpcMessage> messages = new ArrayList<>(List.of(Streams.schema("n")));
        messages.addAll(List.of(batches));
        byte[] stream = Streams.of(messages.toArray(IpcMessage[]::new));
        Command publish = Command.run(stream, "publish", topic, "--ack", "--url", url(server));
        assertThat(publish.exitCode()).as(publish.err()).isZero();
    }

    private String text() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void showsRatesAsJson() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            publish(server, "still", Streams.batch(1));
            publish(server, "t", Streams.batch(1));

            int exit = watch(
                    server,
                    2,
                    false,
                    () -> publish(server, "t", Streams.batch(1, 2), Streams.batch(3)),
                    "--format",
                    "json");

            assertThat(exit).as(err.toString()).isZero();
            List<String> lines = text().lines().toList();
            assertThat(lines).hasSize(4);
            assertThat(lines.get(0))
                    .startsWith("{\"topic\":\"still\"")
                    .endsWith("\"batches_per_second\":null,\"bytes_per_second\":null}");
            Map<String, String> still = fields(lines.get(2));
            assertThat(still).containsEntry("batches_per_second", "0").containsEntry("bytes_per_second", "0");
            Map<String, String> live = fields(lines.get(3));
            assertThat(live).containsEntry("topic", "t").containsEntry("appended_batches", "3");
            assertThat(Long.parseLong(live.get("batches_per_second"))).isBetween(1L, 2L); // after a second or more
            assertThat(Long.parseLong(live.get("bytes_per_second"))).isPositive();
        }
    }

    private static Map<String, String> fields(String json) throws IOException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            while (parser.nextFieldName() != null) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, parser.getText());
            }
        }
        return fields;
    }

    @Test
    void appendsTablesWhereNobodyLooks() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            publish(server, "t", Streams.batch(1));

            watch(server, 2, false, () -> {});

            List<String> lines = text().lines().toList();
            assertThat(lines).hasSize(7).element(3).isEqualTo("");
            assertThat(lines.get(0)).isEqualTo(lines.get(4));
            assertThat(lines.get(0).split(" +"))
                    .containsExactly("topic", "publishers", "subscribers", "batches_per_second", "bytes_per_second");
        }
    }

    @Test
    void showsAllColumnsWhereThereIsRoom() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            watch(server, 1, false, () -> {}, "--wide");

            assertThat(text()).startsWith("topic").contains("next_offset", "cut_subscribers", "bytes_per_second");
        }
    }

    @Test
    void writesTheTableInPlaceOnScreen() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            watch(server, 2, true, () -> {});

            assertThat(text()).startsWith("\u001b[Htopic").endsWith("\u001b[K\n\u001b[J");
            assertThat(text().split("\u001b\\[H", -1)).hasSize(3);
        }
    }

    @Test
    void failsWhenTheServerIsGone() throws Exception {
        Server server = Server.start(ServerConfig.DEFAULTS.withPort(0));

        int exit = watch(server, Integer.MAX_VALUE, false, server::close);

        assertThat(exit).isEqualTo(1);
        assertThat(err.toString())
                .matches("(?s)bowstring: (connection lost|cannot connect).*")
                .hasLineCount(1);
    }
}
