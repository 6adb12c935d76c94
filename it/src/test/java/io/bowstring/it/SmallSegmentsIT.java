package io.bowstring.it;

import io.bowstring.broker.DurableConfig;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** As {@link DurableIT}, where a segment is begun with all that is written at once. */
class SmallSegmentsIT {
    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    @RegisterExtension
    static final RunningServer SERVER =
            new RunningServer(config -> DurableIT.durable(config, DurableConfig.DEFAULTS.withSegmentBytes(1)));

    @TestFactory
    Stream<DynamicTest> segmentsAreWhatSubscribersGet() {
        return PYTHON.scripts().cases("durable", SERVER.port());
    }
}
