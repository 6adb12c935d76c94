package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Python programs of the documents where they are refused, or their server ends: they fail and say why. Run without
 * assertions, which the interpreter can switch off.
 */
class DocumentedPythonIT {
    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Path GUIDE = Project.ROOT.resolve("docs/guides/reconnect-and-resume.md");

    private static LaunchedServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServer() {
        server = launch();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static LaunchedServer launch() {
        return new LaunchedServer(Project.ROOT, "./bowstring serve");
    }

    private void run(String program) throws IOException {
        run(program, server);
    }

    /** Runs a program against a server. */
    private void run(String program, LaunchedServer itsServer) throws IOException {
        Documents.writeModules(folder, itsServer.port());
        Files.writeString(folder.resolve("example.py"), program);
        List<String> command = List.of(PYTHON.interpreter(), "-O", "example.py");
        try (ClientProcess process = ClientProcess.start(folder, Map.of(), command)) {
            process.await(TIMEOUT);
        }
    }

    /** Returns the block of a document that has a part. */
    private static String block(Path document, String part) {
        return CodeBlock.in(document).stream()
                .map(block -> block.code(server.port()))
                .filter(code -> code.contains(part))
                .findFirst()
                .orElseThrow();
    }

    private static String edited(String program, String part, String other) {
        assertThat(program).contains(part);
        return program.replace(part, other);
    }

    /** Returns the publisher of the README with other types than those of the topic, which it has made then. */
    private String otherPublisher() throws IOException {
        String publisher = block(Documents.README, "bowstring.publish");
        run(publisher);
        return edited(publisher, "[101.5, 7.25]", "[101, 7]");
    }

    @Test
    void thePublisherNoticesThatItIsRefused() throws IOException {
        String publisher = otherPublisher();

        assertThatThrownBy(() -> run(publisher))
                .hasMessageContaining("RuntimeError")
                .hasMessageContaining("SCHEMA_MISMATCH");
    }

    @Test
    void thePublisherNoticesThatItIsRefusedWhileItStillWrites() throws IOException {
        String write = "writer.write_table(table)";
        String publisher = edited(otherPublisher(), write, "[" + write + " for _ in iter(int, 1)]");

        assertThatThrownBy(() -> run(publisher))
                .hasMessageContaining("RuntimeError")
                .hasMessageContaining("SCHEMA_MISMATCH");
    }

    @Test
    void theSubscriberNoticesThatItIsRefused() {
        String subscriber = block(Documents.README, "bowstring.subscribe");
        String wrongName = edited(subscriber, "\"demo\"", "\"no topic\"");

        assertThatThrownBy(() -> run(wrongName))
                .hasMessageContaining("RuntimeError")
                .hasMessageContaining("BAD_TOPIC_NAME");
        assertThatThrownBy(() -> run(subscriber)) // this server has no demo
                .hasMessageContaining("RuntimeError")
                .hasMessageContaining("UNKNOWN_TOPIC");
    }

    @Test
    void theFunctionsNoticeThatTheyAreRefusedWhileTheyStillWrite() {
        assertThatThrownBy(() -> run("""
                        import itertools, pyarrow as pa
                        from bowstring_socket import ask, publish
                        publish("refused", pa.table({"n": [1]}))
                        other = pa.record_batch({"n": ["1"]})
                        ask({"bowstring.publish": "refused"}, other.schema, itertools.repeat(other))
                        """)).hasMessageContaining("RuntimeError: SCHEMA_MISMATCH");
    }

    @Test
    void theFunctionsSealAndPublishNothing() throws IOException {
        run("""
                import pyarrow as pa
                from bowstring_socket import publish
                if publish("sealed", pa.table({"n": pa.array([], pa.int64())})) != -1:
                    raise SystemExit("has an offset")
                publish("sealed", pa.table({"n": [1]}), seal="true")
                try:
                    publish("sealed", pa.table({"n": [2]}))
                    raise SystemExit("not sealed")
                except RuntimeError as refusal:
                    if not str(refusal).startswith("TOPIC_SEALED"): raise
                """);
    }

    @Test
    void theFunctionsNoticeThatTheServerIsKilled() {
        LaunchedServer killed = launch();

        assertThatThrownBy(() -> run("""
                        import os, signal, types, pyarrow as pa
                        from bowstring_socket import publish

                        class Killing(list):
                            def __iter__(self):
                                for count, batch in enumerate(super().__iter__()):
                                    if count == 20:
                                        os.kill(PID, signal.SIGKILL)
                                    yield batch

                        batch = pa.record_batch({"n": [1]})
                        batches = Killing([batch] * 3000)
                        publish("t", types.SimpleNamespace(schema=batch.schema, to_batches=lambda **_: batches))
                        """.replace("PID", Long.toString(killed.pid())), killed))
                .hasMessageContaining("exit 1");
        killed.awaitKilled();
    }

    @Test
    void theSubscriberThatResumesDoesNotTakeAStopForTheEndOfTheTopic() {
        String subscriber = edited(block(GUIDE, "def read_some"), ", seal=\"true\"", "");
        String next = "numbers.extend";
        try (LaunchedServer stopped = launch()) {
            String stop = "offset == 4 and __import__('os').kill(" + stopped.pid() + ", 15); " + next;

            assertThatThrownBy(() -> run(edited(subscriber, next, stop), stopped))
                    .hasMessageContaining("ConnectionRefusedError");
        }
    }
}
