package io.bowstring.it;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Stock pyarrow and the command line against {@code ./bowstring serve}, as a user has them; only the rate of connections
 * is wide, since how often a case connects depends on the machine.
 */
class LauncherIT {
    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    private static LaunchedServer server;

    @BeforeAll
    static void startServer() {
        server = new LaunchedServer(
                Project.ROOT, "env BOWSTRING_SERVER_MAX_CONNECTIONS_PER_SECOND=1000000 ./bowstring serve");
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> snippetsRunAsTheyStand() {
        return PYTHON.scripts().cases("snippets", server.port());
    }

    @TestFactory
    Stream<DynamicTest> manyShareOneTopic() {
        return PYTHON.scripts().cases("sharing", server.port());
    }

    @TestFactory
    Stream<DynamicTest> tablesPassThroughTheCommandLine() {
        return PYTHON.scripts().cases("command_line", server.port());
    }
}
