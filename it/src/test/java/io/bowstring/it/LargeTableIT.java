package io.bowstring.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A table of 10 million rows and more than 1 GiB, on a server that has far less memory. */
class LargeTableIT {
    /** Of direct memory: the window of 64 MiB, what is in flight, and what the socket has of a batch, with room to spare. */
    private static final String MEMORY = "-Xmx256m -XX:MaxDirectMemorySize=160m";

    private static final Duration TIMEOUT = Duration.ofMinutes(8);

    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    @Test
    void passesThroughSmallServer(@TempDir Path folder) throws IOException {
        String command = "env 'BOWSTRING_JAVA_OPTS=" + MEMORY + "' ./bowstring serve";
        try (LaunchedServer server = new LaunchedServer(Project.ROOT, command);
                ClientProcess client = ClientProcess.start(
                        Project.inModule("src/test/python"),
                        Map.of(
                                "BOWSTRING_PORT", Integer.toString(server.port()),
                                "BOWSTRING_ROOT", Project.ROOT.toString()),
                        List.of(PYTHON.interpreter(), "large_table.py", folder.toString()))) {
            client.await(TIMEOUT);
        }
    }
}
