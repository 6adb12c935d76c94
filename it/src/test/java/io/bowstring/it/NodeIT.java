package io.bowstring.it;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stock apache-arrow for Node can do with a server, alone and with pyarrow. The cases are in {@code src/test/node}. */
class NodeIT {
    @RegisterExtension
    static final NodeClients NODE = new NodeClients();

    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    @RegisterExtension
    static final RunningServer SERVER = new RunningServer();

    @TestFactory
    Stream<DynamicTest> tablesArriveAsTheyWerePublished() {
        return NODE.scripts().cases("relay", SERVER.port());
    }

    /** From pyarrow by way of the server to Node, and back again: each reads what the other has written. */
    @TestFactory
    Stream<DynamicTest> exchangesTablesWithPyarrow() {
        return NODE.scripts().names("exchange", SERVER.port()).stream()
                .map(name -> name.substring(name.indexOf(":_")))
                .map(table -> DynamicTest.dynamicTest(table.substring(2), () -> {
                    PYTHON.scripts().run(SERVER.port(), "exchange", "publish_for_another" + table);
                    NODE.scripts().run(SERVER.port(), "exchange", "carry" + table);
                    PYTHON.scripts().run(SERVER.port(), "exchange", "compare_what_came_back" + table);
                }));
    }

    /** Two libraries publish to one topic; their dictionary ids and contents differ. */
    @Test
    void publishesToOneTopicWithPyarrow() {
        NODE.scripts().run(SERVER.port(), "together", "publish");
        PYTHON.scripts().run(SERVER.port(), "together", "publish_own");
        NODE.scripts().run(SERVER.port(), "together", "publish");

        PYTHON.scripts().run(SERVER.port(), "together", "check");
        NODE.scripts().run(SERVER.port(), "together", "check");
    }
}
