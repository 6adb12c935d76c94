package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every block of code in the documents, in order, in a folder that looks like a clone, against the server that the
 * README starts. Only the port is another one. A dependency must be a module of the project; what a service unit starts
 * must start with the settings of the block before it, and stop in order. {@link DocumentedPythonIT} runs some where things
 * go wrong.
 *
 * <p>A block whose language is not known here fails, and so does one that is not run without saying why:
 * {@code <!-- not run: reason -->} on the line above the fence. {@code <!-- file: NAME -->} names a Python module that
 * blocks of any document import. {@code <!-- server -->} marks the command that starts the server and does not return;
 * {@code <!-- started and stopped -->} one of another server with the demo, which blocks after it do not need.
 */
class DocumentsIT {
    /** For a block of several commands, each a JVM, on a machine that does much else. */
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    /** Groups: the module and the version of a dependency. */
    private static final Pattern DEPENDENCY = Pattern.compile("<dependency>\\s*<groupId>io\\.bowstring</groupId>"
            + "\\s*<artifactId>bowstring-(.+)</artifactId>\\s*<version>(.+)</version>\\s*</dependency>\\s*");

    private static final Pattern VERSION =
            Pattern.compile("<artifactId>bowstring-parent</artifactId>\\s*<version>(.+)<");
    private static final Pattern EXEC_START = Pattern.compile("(?m)^ExecStart=(.+)$");

    /** What the folder has of the clone. */
    private static final List<String> CLONED = List.of("bowstring", "cli");

    private static final String NOT_RUN = "not run: ";
    private static final String SERVER = "server";
    private static final String STARTED = "started and stopped";

    @TempDir
    static Path folder;

    private static LaunchedServer server;

    private final PythonClients python = new PythonClients();

    @BeforeAll
    static void startServerAndWriteModules() throws IOException {
        for (String part : CLONED) {
            Files.createSymbolicLink(folder.resolve(part), Project.ROOT.resolve(part));
        }
        List<CodeBlock> servers = CodeBlock.in(Documents.README).stream()
                .filter(block -> block.directive().equals(SERVER))
                .toList();
        if (servers.size() != 1) {
            throw new AssertionError("README.md has " + servers.size() + " blocks that start the server");
        }
        server = new LaunchedServer(folder, servers.get(0).code().strip());
        Documents.writeModules(folder, server.port());
    }

    @AfterAll
    static void stopServer() throws IOException {
        for (String part : CLONED) {
            Files.delete(folder.resolve(part));
        }
        if (server != null) {
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyBlockRuns() throws IOException {
        return Documents.blocks()
                .filter(block -> !block.language().equals("text"))
                .map(block -> DynamicTest.dynamicTest(block.place(), () -> run(block)));
    }

    private void run(CodeBlock block) throws IOException {
        if (block.directive().startsWith(NOT_RUN)) {
            abort(block.directive());
        }
        if (block.directive().equals(SERVER)) {
            return; // it runs
        }
        if (block.directive().equals(STARTED)) {
            startAndStop(block.code().strip());
            return;
        }
        String code = block.code(server.port());
        switch (block.language()) {
            case "python" -> {
                python.require();
                runFile(Documents.module(block).orElse("example.py"), code, python.interpreter());
            }
            case "properties" -> {
                Files.writeString(folder.resolve("example.properties"), block.code());
                new LaunchedServer(folder, "./bowstring serve --config example.properties").close();
            }
            case "sh" -> runFile("example.sh", withAddress(code), "bash", "-euo", "pipefail");
            case "java" -> runExample(program(code));
            case "xml" -> requireModule(code);
            case "ini" -> startUnit(code);
            default -> throw new AssertionError("nobody knows how to run: " + block);
        }
    }

    /** Starts another server with the demo, and stops it when there are batches. */
    private static void startAndStop(String command) throws IOException {
        try (LaunchedServer other = new LaunchedServer(folder, command)) {
            String url = "bowstring://127.0.0.1:" + other.port();
            run(List.of("./bowstring", "subscribe", "demo", "--url", url, "--limit", "3"));
        }
    }

    private static void requireModule(String dependency) throws IOException {
        Matcher named = DEPENDENCY.matcher(dependency);
        assertThat(named.matches()).as(dependency).isTrue();
        Path pom = Project.ROOT.resolve(named.group(1)).resolve("pom.xml");
        Matcher version = VERSION.matcher(Files.readString(pom));
        assertThat(version.find()).as("a version in %s", pom).isTrue();
        assertThat(named.group(2)).isEqualTo(version.group(1));
    }

    /** Starts what a unit of systemd starts: the launcher of the distribution is that of the clone. */
    private static void startUnit(String unit) {
        Matcher start = EXEC_START.matcher(unit);
        assertThat(start.find()).as(unit).isTrue();
        String command = start.group(1)
                .replace("/opt/bowstring/", "./")
                .replace("/etc/bowstring.properties", "example.properties");
        new LaunchedServer(folder, command).close();
    }

    /** Returns a program of statements that stand after imports; one that is a program already stays as it is. */
    private static String program(String code) {
        if (code.contains("static void main")) {
            return code;
        }
        int body = code.indexOf("\n\n");
        return code.substring(0, body) + "\nclass Example { public static void main(String[] args) throws Exception {"
                + code.substring(body) + "}}";
    }

    /** Tells each command where the server is, unless it says that itself. */
    private static String withAddress(String code) {
        String url = " --url bowstring://127.0.0.1:" + server.port();
        return code.replaceAll("(\\./bowstring (publish|subscribe|topics|delete))\\b(?!.*--url)", "$1" + url);
    }

    private static void runFile(String name, String code, String... runner) throws IOException {
        Files.writeString(folder.resolve(name), code);
        List<String> command = new ArrayList<>(List.of(runner));
        command.add(name);
        run(command);
    }

    /** Compiles the class Example in this process, which has loaded the compiler already, and runs it in another one. */
    private static void runExample(String program) throws IOException {
        Path source = Files.writeString(folder.resolve("Example.java"), program);
        Path classes = Files.createTempDirectory(folder, "classes");
        String path = System.getProperty("java.class.path");
        ByteArrayOutputStream findings = new ByteArrayOutputStream();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int exit = compiler.run(
                null, findings, findings, "-proc:none", "-d", classes.toString(), "-cp", path, source.toString());
        assertThat(exit).as(findings.toString()).isZero();
        run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                LaunchedServer.FIRST_COMPILER,
                "-cp",
                classes + File.pathSeparator + path,
                "Example"));
    }

    private static void run(List<String> command) throws IOException {
        try (ClientProcess process = ClientProcess.start(folder, LaunchedServer.JVM_OPTIONS, command)) {
            process.await(TIMEOUT);
        }
    }
}
