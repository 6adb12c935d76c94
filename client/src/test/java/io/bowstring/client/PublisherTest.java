package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.LeakDetection;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.UnionMode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Vectors that are published: whose they are, and when there is no room for them. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublisherTest {
    private static final DictionaryEncoding ENCODING = new DictionaryEncoding(7, false, new ArrowType.Int(32, true));
    private static final Schema ENCODED =
            new Schema(List.of(new Field("s", new FieldType(false, new ArrowType.Int(32, true), ENCODING), null)));

    private PublisherRig rig;
    private BufferAllocator allocator;
    private VectorSchemaRoot root;
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
        allocator = new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(1 << 20);
        root = Numbers.batch(1, 3, allocator);
    }

    @AfterEach
    void stop() {
        rig.close();
        root.close();
        allocator.close();
    }

    private Publisher open(PublisherConfig config) throws Exception {
        return open(() -> rig.client.publisher(config, Numbers.SCHEMA, new MapDictionaryProvider()));
    }

    private Publisher open(Callable<Publisher> open) throws Exception {
        FutureTask<Publisher> opening = Threads.run(open);
        peer = rig.server.accept();
        peer.received();
        peer.send(handshake(-1));
        return opening.get();
    }

    private static IntVector indices(VectorSchemaRoot encoded, int index) {
        IntVector indices = (IntVector) encoded.getVector(0);
        indices.allocateNew(1);
        indices.set(0, index);
        encoded.setRowCount(1);
        return indices;
    }

    @Test
    void sendsTheSchemaWithItsMetadataAndTheRequest() throws Exception {
        Schema schema = new Schema(Numbers.SCHEMA.getFields(), Map.of("a", "b"));
        FutureTask<Publisher> opening =
                Threads.run(() -> rig.client.publisher(CONFIG, schema, new MapDictionaryProvider()));

        rig.server
                .accept()
                .expect("[n: int64 not null] {a=b, bowstring.publish=trades, bowstring.ack=true,"
                        + " bowstring.producer=feed}")
                .send(handshake(-1));

        assertThat(opening.get().nextSequence()).isZero();
    }

    @Test
    void takesTheVectorsAndLeavesCopiedOnes() throws Exception {
        Publisher publisher = open(CONFIG);

        publisher.publishCopy(root, Map.of("a", "b"));
        assertThat(root.getRowCount()).isEqualTo(3);
        publisher.publish(root);

        assertThat(root.getRowCount()).isZero();
        assertThat(allocator.getAllocatedMemory()).isZero();
        peer.expect("3 rows {a=b, bowstring.sequence=0}", "3 rows {bowstring.sequence=1}");
        assertThat(publisher.nextSequence()).isEqualTo(2);
    }

    @Test
    void needsNoMetadata() throws Exception {
        Publisher publisher = open(CONFIG);

        publisher.publishCopy(root);
        assertThat(publisher.tryPublish(root)).isNotNull();

        peer.expect("3 rows {bowstring.sequence=0}", "3 rows {bowstring.sequence=1}");
    }

    @Test
    void refusesVectorsThatItHasEmptied() throws Exception {
        Publisher publisher = open(CONFIG);
        publisher.publish(root);
        String message = "root: no rows and no memory (expected: filled again after each publish;"
                + " allocateNew() makes a batch without rows)";

        assertThatThrownBy(() -> publisher.publish(root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> publisher.tryPublish(root)).hasMessage(message);
        root.allocateNew();
        root.setRowCount(0);
        publisher.publish(root);

        peer.expect("3 rows {bowstring.sequence=0}", "0 rows {bowstring.sequence=1}");
    }

    static List<ArrowType> texts() {
        return List.of(new ArrowType.Utf8(), new ArrowType.LargeUtf8(), new ArrowType.Utf8View());
    }

    @ParameterizedTest
    @MethodSource("texts")
    void refusesTextsThatItHasEmptied(ArrowType type) throws Exception {
        Schema schema = new Schema(List.of(Field.nullable("s", type)));
        Publisher publisher = open(() -> rig.client.publisher(CONFIG, schema, new MapDictionaryProvider()));
        try (VectorSchemaRoot texts = VectorSchemaRoot.create(schema, allocator)) {
            texts.allocateNew();
            texts.setRowCount(2);
            publisher.publish(texts);

            assertThatThrownBy(() -> publisher.publish(texts)).hasMessageStartingWith("root: no rows and no memory");
        }

        peer.expect("2 rows {bowstring.sequence=0}");
    }

    @Test
    void isNotOpenedForDictionariesOfUnions() {
        Field union = Field.nullable("u", new ArrowType.Union(UnionMode.Dense, null));
        try (FieldVector values = union.createVector(allocator)) {
            MapDictionaryProvider dictionaries = new MapDictionaryProvider(new Dictionary(values, ENCODING));

            assertThatThrownBy(() -> rig.client.publisher(CONFIG, ENCODED, dictionaries))
                    .isInstanceOf(ClientException.class)
                    .hasMessageStartingWith("cannot be published: union in dictionary 7: s");
        }
    }

    @Test
    void waitsUntilAllIsAcknowledgedAndGoesOn() throws Exception {
        Publisher publisher = open(CONFIG);
        publisher.flush(); // there is nothing
        publisher.publishCopy(root);
        publisher.publishCopy(root);
        FutureTask<Void> flushing = new FutureTask<>(() -> {
            publisher.flush();
            return null;
        });
        Threads.startAndAwaitBlocked(flushing);
        peer.expect("3 rows {bowstring.sequence=0}", "3 rows {bowstring.sequence=1}")
                .send(row(1, 0));
        assertThat(flushing.isDone()).isFalse();

        peer.send(row(2, 1));

        flushing.get();
        publisher.publish(root);
        peer.expect("3 rows {bowstring.sequence=2}");
    }

    @Test
    void failsToFlushWhatIsNotAcknowledged() throws Exception {
        Publisher publisher = open(CONFIG);
        publisher.publish(root);
        FutureTask<Void> flushing = Threads.run(() -> {
            publisher.flush();
            return null;
        });
        peer.expect("3 rows {bowstring.sequence=0}").send(PublisherRig.error("INTERNAL: a fault"));

        assertThatThrownBy(flushing::get).cause().hasMessage("INTERNAL: a fault");
        assertThatThrownBy(publisher::flush).hasMessage("INTERNAL: a fault");
    }

    @Test
    void flushesForAsLongAsAcknowledgementsCome() throws Exception {
        try (PublisherRig brief =
                new PublisherRig(config -> config.withTimeouts(config.timeouts().withFinish(Duration.ofMillis(1))))) {
            MessagePublisher publisher = brief.open(CONFIG, -1);
            publisher.publish(PublisherRig.batch(1));

            assertThatThrownBy(publisher::flush)
                    .hasMessage("not all batches were acknowledged: there was no acknowledgement for 1 ms");
        }
    }

    @Test
    void dropsTheProtocolsEntriesOfBatches() throws Exception {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("z", "1");
        entries.put("bowstring.sequence", "9");
        entries.put("bowstring.offset", "7");
        entries.put("a", "2");

        open(CONFIG).publish(root, entries);

        peer.expect("3 rows {z=1, a=2, bowstring.sequence=0}");
    }

    @Test
    void blocksAndTakesNothingWhileTooMuchIsInFlight() throws Exception {
        Publisher publisher = open(CONFIG.withMaxInFlightBytes(1));
        publisher.publishCopy(root, Map.of());
        assertThat(publisher.tryPublish(root, Map.of())).isNull();
        assertThat(root.getRowCount()).isEqualTo(3);
        FutureTask<CompletionStage<Receipt>> publishing = new FutureTask<>(() -> publisher.publish(root));
        Threads.startAndAwaitBlocked(publishing);

        peer.expect("3 rows {bowstring.sequence=0}").send(row(1, 0));

        publishing.get();
        assertThat(root.getRowCount()).isZero();
        peer.expect("3 rows {bowstring.sequence=1}").send(row(2, 1));
    }

    @Test
    void clearsTheVectorsAlsoWhereItThrows() throws Exception {
        Publisher publisher = open(CONFIG.withMaxInFlightBytes(1));
        publisher.publishCopy(root, Map.of());
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> publisher.publish(root)).isInstanceOf(InterruptedException.class);
        assertThat(root.getRowCount()).isZero();

        peer.expect("3 rows {bowstring.sequence=0}").send(row(1, 0));
        publisher.close();
        Numbers.fill(root, 1, 3);
        assertThatThrownBy(() -> publisher.publish(root)).hasMessage("the publisher has been closed");
        assertThat(root.getRowCount()).isZero();
        Numbers.fill(root, 1, 3);
        assertThatThrownBy(() -> publisher.tryPublish(root, Map.of())).hasMessage("the publisher has been closed");
        assertThat(root.getRowCount()).isZero();
        Numbers.fill(root, 1, 3);
        assertThatThrownBy(() -> publisher.publishCopy(root, Map.of())).hasMessage("the publisher has been closed");
        assertThat(root.getRowCount()).isEqualTo(3);
    }

    @Test
    void refusesOtherFieldsAndGoesOn() throws Exception {
        Publisher publisher = open(CONFIG);
        try (VectorSchemaRoot other = VectorSchemaRoot.create(ENCODED, allocator)) {
            indices(other, 0);
            assertThatThrownBy(() -> publisher.publish(other)).isInstanceOf(IllegalArgumentException.class);
            assertThat(other.getRowCount()).isZero();
        }

        publisher.publish(root);

        peer.expect("3 rows {bowstring.sequence=0}");
    }

    @Test
    void opensNothingWhereADictionaryIsMissing() throws Exception {
        assertThatThrownBy(() -> rig.client.publisher(CONFIG, ENCODED, new MapDictionaryProvider()))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(rig.server.waiting()).isZero();
    }

    private static boolean works(RootAllocator allocator) {
        try (ArrowBuf memory = allocator.buffer(8)) {
            return memory.capacity() > 0;
        } catch (ClassCastException e) { // of arrow-memory-netty on JDK 25
            return false;
        }
    }

    @Test
    void letsGoOfForeignMemoryBeforeItIsClosed() throws Exception {
        try (RootAllocator foreign = new RootAllocator()) {
            assumeTrue(works(foreign), "Arrow's own memory needs flags on this JVM");
            Publisher publisher = open(CONFIG);
            try (VectorSchemaRoot large = Numbers.batch(1, 1_000, foreign)) {
                publisher.publish(large);
            }
            assertThat(foreign.getAllocatedMemory()).isPositive();

            Threads.interrupted(publisher::close);

            assertThat(foreign.getAllocatedMemory()).isZero();
        }
    }
}
