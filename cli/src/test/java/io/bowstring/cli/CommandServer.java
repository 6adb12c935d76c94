package io.bowstring.cli;

import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A server in this JVM for the tests of one class, and the command against it. */
final class CommandServer implements BeforeAllCallback, AfterAllCallback {
    private Server server;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        server = Server.start(ServerConfig.DEFAULTS.withPort(0));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        server.close();
    }

    /** Runs the command with arguments that have no spaces. */
    Command run(String line) {
        return run(new byte[0], line.split(" "));
    }

    /** Runs the command with {@code in} on standard input. */
    Command run(byte[] in, String... arguments) {
        return Command.run(
                in,
                Stream.concat(Arrays.stream(arguments), Stream.of(url().strip()))
                        .toArray(String[]::new));
    }

    /** Returns the option that names this server, after a space. */
    String url() {
        return " --url=bowstring://127.0.0.1:" + server.address().getPort();
    }
}
