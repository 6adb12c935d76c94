package io.bowstring.it;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.TopicConfig;
import io.bowstring.server.ServerConfig;
import io.bowstring.server.StorageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The files of durable topics, as pyarrow, Polars and DuckDB read them. The cases are in {@code src/test/python}. */
class DurableIT {
    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    /** Its segments have many batches. */
    @RegisterExtension
    static final RunningServer SERVER = new RunningServer(config -> durable(config, DurableConfig.DEFAULTS));

    /** Returns settings with which topics are kept where the scripts find them, and have one batch in memory. */
    static ServerConfig durable(ServerConfig config, DurableConfig durable) {
        Path data = newDirectory();
        TopicConfig topic = TopicConfig.DEFAULTS.withWindowBatches(1).withDurable(durable);
        return config.withStorage(new StorageConfig(data, 0)).withBroker(BrokerConfig.DEFAULTS.withTopic(topic));
    }

    private static Path newDirectory() {
        try {
            Path parent = Files.createDirectories(Project.inModule("target/durable"));
            return Files.createTempDirectory(parent, "data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> segmentsAreWhatSubscribersGet() {
        return PYTHON.scripts().cases("durable", SERVER.port());
    }
}
