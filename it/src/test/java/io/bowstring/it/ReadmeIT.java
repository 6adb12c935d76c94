package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every block of code in the documents, in order, in a folder that looks like a clone, against the server that the
 * README starts. Only the port is another one.
 *
 * <p>A block whose language is not known here fails, and so does one that is not run without saying why:
 * {@code <!-- not run: reason -->} on the line above the fence. {@code <!-- server -->} marks the command that starts the
 * server and does not return.
 */
class ReadmeIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** A link to a file of the project; its anchor is not looked at. */
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#\\s]+)");

    private static final String NOT_RUN = "not run: ";
    private static final String SERVER = "server";

    @TempDir
    static Path folder;

    private static LaunchedServer server;

    private final PythonClients python = new PythonClients();

    @BeforeAll
    static void startServer() throws IOException {
        Files.createSymbolicLink(folder.resolve("bowstring"), Project.ROOT.resolve("bowstring"));
        List<CodeBlock> blocks = CodeBlock.in(Project.ROOT.resolve("README.md")).stream()
                .filter(block -> block.directive().equals(SERVER))
                .toList();
        if (blocks.size() != 1) {
            throw new AssertionError("README.md has " + blocks.size() + " blocks that start the server");
        }
        server = new LaunchedServer(folder, blocks.get(0).code().strip());
    }

    @AfterAll
    static void stopServer() throws IOException {
        Files.delete(folder.resolve("bowstring"));
        if (server != null) {
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyBlockRuns() throws IOException {
        return documents().stream()
                .flatMap(document -> CodeBlock.in(document).stream())
                .filter(block -> !block.language().equals("text"))
                .map(block -> DynamicTest.dynamicTest(block.place(), () -> run(block)));
    }

    @Test
    void thePublisherNoticesThatItIsRefused() throws IOException {
        python.require();
        String publisher = CodeBlock.in(Project.ROOT.resolve("README.md")).stream()
                .map(block -> block.code().replace("8816", Integer.toString(server.port())))
                .filter(code -> code.contains("bowstring.publish"))
                .findFirst()
                .orElseThrow()
                .replace("\"trades\"", "\"refused\"");
        runFile("example.py", publisher, python.interpreter());
        String other = publisher.replace("[101.5, 7.25]", "[101, 7]");

        assertThat(other).isNotEqualTo(publisher);
        assertThatThrownBy(() -> runFile("example.py", other, python.interpreter()))
                .hasMessageContaining("AssertionError")
                .hasMessageContaining("SCHEMA_MISMATCH");
    }

    @Test
    void theSubscriberNoticesThatItIsRefused() throws IOException {
        python.require();
        String subscriber = CodeBlock.in(Project.ROOT.resolve("README.md")).stream()
                .map(block -> block.code().replace("8816", Integer.toString(server.port())))
                .filter(code -> code.contains("bowstring.subscribe"))
                .findFirst()
                .orElseThrow()
                .replace("\"demo\"", "\"no topic\"");

        assertThatThrownBy(() -> runFile("example.py", subscriber, python.interpreter()))
                .hasMessageContaining("AssertionError")
                .hasMessageContaining("BAD_TOPIC_NAME");
    }

    @Test
    void everyLinkToAFileLeadsThere() throws IOException {
        List<String> lost = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    lost.add(document.getFileName() + ": " + link.group(1));
                }
            }
        }

        assertThat(lost).isEmpty();
    }

    /** Returns the documents, the README first. */
    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Project.ROOT.resolve("README.md")));
        for (Path parent : List.of(Project.ROOT, Project.ROOT.resolve("docs"))) {
            try (Stream<Path> files = Files.walk(parent, parent.equals(Project.ROOT) ? 1 : Integer.MAX_VALUE)) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .filter(file -> !documents.contains(file))
                        .sorted()
                        .forEach(documents::add);
            }
        }
        return documents;
    }

    private void run(CodeBlock block) throws IOException {
        if (block.directive().startsWith(NOT_RUN)) {
            abort(block.directive());
        }
        if (block.directive().equals(SERVER)) {
            return; // it runs
        }
        String code = block.code().replace("8816", Integer.toString(server.port()));
        switch (block.language()) {
            case "python" -> {
                python.require();
                runFile("example.py", code, python.interpreter());
            }
            case "properties" -> {
                Files.writeString(folder.resolve("example.properties"), block.code());
                new LaunchedServer(folder, "./bowstring serve --config example.properties").close();
            }
            case "sh" -> runFile("example.sh", withAddress(code), "bash", "-euo", "pipefail");
            case "java" ->
                runFile(
                        "Example.java",
                        program(code),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"));
            default -> throw new AssertionError("nobody knows how to run: " + block);
        }
    }

    /** Returns a program of statements that stand behind imports; one that is a program already stays as it is. */
    private static String program(String code) {
        if (code.contains("static void main")) {
            return code;
        }
        int body = code.indexOf("\n\n");
        return code.substring(0, body) + "\nclass Example { public static void main(String[] args) throws Exception {"
                + code.substring(body) + "}}";
    }

    /** Tells each command where the server is. */
    private static String withAddress(String code) {
        String url = " --url bowstring://127.0.0.1:" + server.port();
        return code.replaceAll("(\\./bowstring (publish|subscribe|topics|delete))\\b", "$1" + url);
    }

    private static void runFile(String name, String code, String... runner) throws IOException {
        Files.writeString(folder.resolve(name), code);
        List<String> command = new ArrayList<>(List.of(runner));
        command.add(name);
        try (ClientProcess process = ClientProcess.start(folder, Map.of(), command)) {
            process.await(TIMEOUT);
        }
    }
}
