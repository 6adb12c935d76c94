package io.bowstring.it;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stock pyarrow can do with a server. The cases are in {@code src/test/python}. */
class PyarrowIT {
    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    @RegisterExtension
    static final RunningServer SERVER = new RunningServer();

    @TestFactory
    Stream<DynamicTest> snippetsRunAsTheyStand() {
        return cases("snippets");
    }

    @TestFactory
    Stream<DynamicTest> tablesArriveAsTheyWerePublished() {
        return cases("relay");
    }

    @TestFactory
    Stream<DynamicTest> manyShareOneTopic() {
        return cases("sharing");
    }

    @TestFactory
    Stream<DynamicTest> requestsMeanWhatTheProtocolSays() {
        return cases("requests");
    }

    @TestFactory
    Stream<DynamicTest> refusalsCanBeRead() {
        return cases("refusals");
    }

    private static Stream<DynamicTest> cases(String script) {
        return PYTHON.scripts().cases(script, SERVER.port());
    }
}
