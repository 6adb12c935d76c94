package io.bowstring.bench.peers;

import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.PythonEnvironment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lanes whose relay is another program. pip installs both: {@code nats-server} too is in a package of it. */
@ExtendWith(LeakDetection.class)
@Timeout(300)
class LanesIT {
    private static final PythonEnvironment PYTHON = new PythonEnvironment(
            Path.of("target/python").toAbsolutePath(), Path.of("src/test/python/requirements.txt"));

    @BeforeAll
    @Timeout(600) // it may install packages
    static void require() {
        PYTHON.require();
    }

    @ParameterizedTest
    @ValueSource(strings = {Lanes.FLIGHT_CPP, Lanes.NATS, Lanes.JETSTREAM, Lanes.JETSTREAM_ALWAYS})
    void everyLaneOfAnotherProgramDeliversWhatWasPublished(String name, @TempDir Path folder) throws Exception {
        Programs programs = new Programs(
                Map.of(Programs.PYTHON, PYTHON.program("python"), Programs.NATS_SERVER, PYTHON.program("nats-server")));

        LaneCheck.deliversWhatIsPublished(Lanes.named(name).orElseThrow(), programs, folder);
    }
}
