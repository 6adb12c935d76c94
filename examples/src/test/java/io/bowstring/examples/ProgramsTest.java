package io.bowstring.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.client.Client;
import io.bowstring.client.Publisher;
import io.bowstring.client.PublisherConfig;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.bowstring.server.StorageConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.Text;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs that somebody new would write, each in a JVM of its own. */
@Timeout(120)
class ProgramsTest {
    private static final Field NUMBER = Field.nullable("n", new ArrowType.Int(64, true));

    /** Lines that do not count: empty ones, comments, the package and imports. */
    private static final Pattern NO_CODE = Pattern.compile("\\s*(/?\\*|//|package |import |$)");

    private final int port = RunningProgram.freePort();
    private final String url = "bowstring://127.0.0.1:" + port;

    @TempDir
    private Path folder;

    ProgramsTest() throws IOException {}

    @ParameterizedTest
    @CsvSource({"RowRates, 30", "EverySecond, 35", "CsvSink, 35", "FollowFiles, 35"})
    void areShort(String program, int maxLines) throws IOException {
        Path source = Path.of("src/main/java/io/bowstring/examples", program + ".java");

        assertThat(Files.readAllLines(source))
                .filteredOn(line -> !NO_CODE.matcher(line).lookingAt())
                .hasSizeBetween(10, maxLines);
    }

    private Server newServer() throws Exception {
        return Server.start(ServerConfig.DEFAULTS.withPort(port));
    }

    @Test
    void countsRowsOfTables() throws Exception {
        try (RunningProgram rates = new RunningProgram(RowRates.class, Integer.toString(port));
                BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root =
                        VectorSchemaRoot.create(new Schema(List.of(NUMBER), Map.of("table", "trades")), allocator);
                Socket socket = connect();
                ArrowStreamWriter writer =
                        new ArrowStreamWriter(root, null, Channels.newChannel(socket.getOutputStream()))) {
            root.allocateNew();
            root.setRowCount(7);
            writer.start();
            writer.writeBatch();

            rates.awaitLine("trades: 7 rows/s");
            rates.awaitLine("trades: 0 rows/s");
        }
    }

    @Test
    void followsTheFilesOfATopic() throws Exception {
        BrokerConfig small = BrokerConfig.DEFAULTS.withTopic(BrokerConfig.DEFAULTS
                .topic()
                .withDurable(DurableConfig.DEFAULTS.withSegmentBytes(1))); // a segment for each batch
        ServerConfig config =
                ServerConfig.DEFAULTS.withPort(port).withBroker(small).withStorage(new StorageConfig(folder, 0));
        try (Server server = Server.start(config);
                Client client = Client.connect(url);
                BufferAllocator allocator = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(NUMBER)), allocator);
                Publisher publisher = client.publisher("kept", root.getSchema())) {
            assertThat(server.address().getPort()).isEqualTo(port);
            publishSeven(publisher, root);
            try (RunningProgram files =
                    new RunningProgram(FollowFiles.class, folder.resolve("kept").toString())) {
                files.awaitLine("0: 7 rows");
                for (int i = 1; i < 4; i++) {
                    publishSeven(publisher, root);
                    files.awaitLine(i + ": 7 rows");
                }
            }
        }
    }

    private static void publishSeven(Publisher publisher, VectorSchemaRoot root) throws Exception {
        root.allocateNew();
        root.setRowCount(7);
        publisher.publish(root).toCompletableFuture().get();
    }

    /** Connects as soon as the program listens; the test's timeout ends that. */
    private Socket connect() throws IOException {
        while (true) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void publishesEverySecondThroughRestartsOfTheServer() throws Exception {
        try (RunningProgram program = new RunningProgram(EverySecond.class, url, "seconds")) {
            for (int life = 0; life < 3; life++) {
                try (Server server = newServer()) {
                    assertThat(server.address().getPort()).isEqualTo(port);
                    program.awaitLine("offset 0"); // each life of the server has a log of its own
                    program.awaitLine("offset 1");
                }
            }
        }
    }

    @Test
    void writesATopicAsCsv() throws Exception {
        Path file = folder.resolve("words.csv");
        try (Server server = newServer();
                RunningProgram sink = new RunningProgram(CsvSink.class, url, "words", file.toString())) {
            publishWords("bowstring://127.0.0.1:" + server.address().getPort());

            assertThat(sink.await()).isZero();
        }
        assertThat(Files.readString(file)).isEqualTo("\"n\",\"word\"\n,\"a \"\"b\"\"\"\n\"8\",\"c\"\n");
    }

    private static void publishWords(String url) throws InterruptedException {
        try (Client client = Client.connect(url);
                VarCharVector dictionary = words("c", "a \"b\"", client.allocator());
                VarCharVector values = words("a \"b\"", "c", client.allocator())) {
            DictionaryEncoding encoding = new DictionaryEncoding(1, false, null);
            DictionaryProvider dictionaries =
                    new DictionaryProvider.MapDictionaryProvider(new Dictionary(dictionary, encoding));
            FieldVector encoded = (FieldVector) DictionaryEncoder.encode(values, dictionaries.lookup(1));
            BigIntVector numbers = new BigIntVector(NUMBER, client.allocator());
            numbers.setNull(0);
            numbers.setSafe(1, 8);
            try (VectorSchemaRoot root = VectorSchemaRoot.of(numbers, encoded)) {
                root.setRowCount(2);
                PublisherConfig config = PublisherConfig.of("words").withSeal(true);
                try (Publisher publisher = client.publisher(config, root.getSchema(), dictionaries)) {
                    publisher.publish(root);
                    publisher.finish();
                }
            }
        }
    }

    private static VarCharVector words(String first, String second, BufferAllocator allocator) {
        VarCharVector words = new VarCharVector("word", allocator);
        words.setSafe(0, new Text(first));
        words.setSafe(1, new Text(second));
        words.setValueCount(2);
        return words;
    }
}
