package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.PlainBatch;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a server in this JVM, one topic per test. */
@Timeout(120)
class CommandsTest {
    @RegisterExtension
    static final CommandServer server = new CommandServer();

    @TempDir
    private Path folder;

    private static Command run(byte[] in, String line) {
        return server.run(in, line.split(" "));
    }

    private static Command run(String line) {
        return server.run(line);
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    @Test
    void deletesTopic() {
        run(Streams.of(Streams.schema("n"), Streams.batch(1)), "publish deleted --ack");

        assertThat(run("delete deleted").exitCode()).isZero();

        Command again = run("delete deleted");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("UNKNOWN_TOPIC: topic: deleted");
        assertThat(run("topics").text()).doesNotContain("deleted");
    }

    @Test
    void movesStreamFromInputToJson() {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1, 2), Streams.batch(3));

        Command publish = run(stream, "publish input --ack");
        Command subscribe = run("subscribe input --from earliest --until end --format json");

        assertThat(publish.exitCode()).isZero();
        assertThat(publish.err())
                .startsWith("published to input: 2 batches, 3 rows, ")
                .contains("acknowledged up to offset 1");
        assertThat(subscribe.exitCode()).isZero();
        assertThat(subscribe.text()).isEqualTo("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    }

    @Test
    void receivesWhatCameSinceATime() {
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1));

        run(stream, "publish since --ack");
        Command all = run("subscribe since --from 2020-01-01T01:00:00+01:00 --until end --format json");
        Command none = run("subscribe since --from 9999-12-31T23:59:59.999999Z --until end --format json");
        Command help = run("subscribe --help");

        assertThat(all.text()).isEqualTo("{\"n\":1}\n");
        assertThat(none.exitCode()).isZero();
        assertThat(none.text()).isEmpty();
        assertThat(help.text()).contains("latest|earliest|OFFSET|-N|TIME", "2026-11-30T12:00:00Z");
    }

    @Test
    void publishesWithoutAcknowledgementsAndSeals() {
        Command publish = run(Streams.of(Streams.schema("n"), Streams.batch(1)), "publish sealed - --seal");
        Command again = run(Streams.of(Streams.schema("n"), Streams.batch(1)), "publish sealed - --ack");
        Command subscribe = run("subscribe sealed --from earliest");

        assertThat(publish.exitCode()).isZero();
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).startsWith("bowstring: TOPIC_SEALED: ").hasLineCount(1);
        assertThat(subscribe.text()).isEqualTo("n\n─\n1\n");
    }

    @Test
    void addsOnlyWhatTheTopicDoesNotHaveOfProducer() {
        byte[] part = Streams.of(Streams.schema("n"), Streams.batch(1), Streams.batch(2));
        byte[] all = Streams.of(Streams.schema("n"), Streams.batch(1), Streams.batch(2), Streams.batch(3));

        assertThat(run(part, "publish numbered --producer p").err()).contains("acknowledged up to offset 1");
        assertThat(run(all, "publish numbered --producer p").err())
                .startsWith("published to numbered: 3 batches")
                .contains("acknowledged up to offset 2");

        assertThat(run("subscribe numbered --from earliest --until end --format json")
                        .text())
                .isEqualTo("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    }

    @Test
    void saysWhereTextLeadsOutOfTheBatch() {
        IpcSchema schema =
                IpcSchema.of(List.of(IpcField.of("s", true, IpcType.UTF8)), Map.of(), ByteBufAllocator.DEFAULT);
        ByteBuf offsets = Unpooled.buffer().writeIntLE(0).writeIntLE(1_000);
        IpcRecordBatch batch = PlainBatch.of(
                1,
                List.of(new PlainBatch.Node(1, 0)),
                List.of(Unpooled.EMPTY_BUFFER, offsets, Unpooled.buffer().writeZero(8)),
                ByteBufAllocator.DEFAULT);
        assertThat(run(Streams.of(schema, batch), "publish hostile --ack").exitCode())
                .isZero();

        for (String format : List.of("json", "table")) {
            Command subscribe = run("subscribe hostile --from earliest --until end --format " + format);

            assertThat(subscribe.exitCode()).isEqualTo(1);
            assertThat(subscribe.err())
                    .startsWith("bowstring: cannot be decoded (--format arrow takes all): ")
                    .contains("1000 (expected: ")
                    .hasLineCount(1);
        }
    }

    @Test
    void endsAfterLimit() {
        run(Streams.of(Streams.schema("n"), Streams.batch(1, 2, 3), Streams.batch(4)), "publish limit --ack");

        assertThat(run("subscribe limit --from earliest --limit 2 --format json")
                        .text())
                .isEqualTo("{\"n\":1}\n{\"n\":2}\n");
        assertThat(run("subscribe limit --from -1 --limit 1 --format json").text())
                .isEqualTo("{\"n\":4}\n");
    }

    @Test
    void receivesTheColumnsThatItNames() {
        run(Streams.of(Streams.schema("n"), Streams.batch(1, 2)), "publish columns --ack --seal");

        assertThat(run("subscribe columns --from earliest --format json --columns n")
                        .text())
                .isEqualTo("{\"n\":1}\n{\"n\":2}\n");
        Command unknown = run("subscribe columns --from earliest --columns m");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("bowstring.columns: m (expected: a column of the topic, such as n)");
        Command wrong = run("subscribe columns --columns n,n");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("each column once");
    }

    @Test
    void listsTopics() {
        run(Streams.of(Streams.schema("n"), Streams.batch(1)), "publish listed --ack");

        assertThat(run("topics").text().lines().findFirst())
                .hasValueSatisfying(header -> assertThat(header.split(" +"))
                        .containsExactly("topic", "batches", "rows", "bytes", "publishers", "subscribers", "sealed"));
        assertThat(run("topics --wide").text().lines().findFirst())
                .hasValueSatisfying(
                        header -> assertThat(header).startsWith("topic").contains("next_offset", "cut_subscribers"));
        assertThat(run("topics --format json").text())
                .contains("{\"topic\":\"listed\",\"fields\":\"n: int64 not null\"");
    }

    @Test
    void movesStreamOverUnixDomainSocket() throws IOException {
        Path socket = folder.resolve("s");
        String url = "bowstring+unix:" + socket;
        byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1, 2));
        ServerConfig config = ServerConfig.DEFAULTS.withPort(0).withUnix(socket);
        try (Server local = Server.start(config)) {
            assertThat(Command.run(stream, "publish", "t", "--ack", "--url", url)
                            .err())
                    .startsWith("published");
            assertThat(Command.run(stream, "publish", "t", "--url", url).err()).startsWith("published");
            assertThat(Command.run("subscribe", "t", "--from", "0", "--until", "end", "--format", "json", "--url", url)
                            .text())
                    .isEqualTo("{\"n\":1}\n{\"n\":2}\n".repeat(2));
            assertThat(local.address().getPort()).isPositive();
        }

        Command gone = Command.run("topics", "--url", url);

        assertThat(gone.exitCode()).isEqualTo(1);
        assertThat(gone.err())
                .isEqualToNormalizingNewlines("bowstring: cannot connect to " + url
                        + ": no such file (is it running? bowstring serve starts one)\n");
    }

    @Test
    void saysWhatItCannotWrite() {
        Command subscribe = run("subscribe any --output " + folder.resolve("no/such/folder"));

        assertThat(subscribe.exitCode()).isEqualTo(1);
        assertThat(subscribe.err()).startsWith("bowstring: cannot write ").hasLineCount(1);
    }

    @Test
    void keepsFileWhenTheServerRefuses() throws IOException {
        run(Streams.of(Streams.schema("n"), Streams.batch(1)), "publish kept --ack");
        Path file = file("output", new byte[] {1, 2, 3});

        Command subscribe = run("subscribe kept --from 7 --output " + file);

        assertThat(subscribe.exitCode()).isEqualTo(1);
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    }
}
