package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.row;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
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

/** Vectors that refer to a dictionary, which the publisher keeps a copy of. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublisherDictionariesTest {
    private static final ArrowType.Int INT32 = new ArrowType.Int(32, true);
    private static final DictionaryEncoding ENCODING = new DictionaryEncoding(7, false, INT32);
    private static final Schema SCHEMA =
            new Schema(List.of(new Field("s", new FieldType(false, INT32, ENCODING), null)));

    private PublisherRig rig;
    private BufferAllocator allocator;
    private VarCharVector values;
    private VectorSchemaRoot root;
    private Publisher publisher;
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        rig = new PublisherRig();
        allocator = new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(100 << 20);
        values = new VarCharVector("values", allocator);
        values.setValueCount(0);
        root = VectorSchemaRoot.create(SCHEMA, allocator);
        MapDictionaryProvider dictionaries = new MapDictionaryProvider(new Dictionary(values, ENCODING));
        FutureTask<Publisher> opening = Threads.run(() -> rig.client.publisher(CONFIG, SCHEMA, dictionaries));
        peer = rig.server.accept();
        peer.received();
        peer.send(handshake(-1));
        publisher = opening.get();
    }

    @AfterEach
    void stop() {
        rig.close();
        root.close();
        values.close();
        allocator.close();
    }

    /** Appends a value to the dictionary and fills the root with one row of it. */
    private void fill(String value) {
        int index = values.getValueCount();
        values.setSafe(index, value.getBytes(StandardCharsets.UTF_8));
        values.setValueCount(index + 1);
        IntVector indices = (IntVector) root.getVector(0);
        indices.allocateNew(1);
        indices.set(0, index);
        root.setRowCount(1);
    }

    @Test
    void areSentAsDeltasWhereTheyGrow() throws Exception {
        fill("a");
        publisher.publish(root);
        fill("b");
        publisher.publish(root);

        peer.expect("7=a", "1 rows {bowstring.sequence=0}", "7+b", "1 rows {bowstring.sequence=1}");
    }

    @Test
    void areKeptWhereACallbackCannotCloseThePublisher() throws Exception {
        fill("a");
        CompletableFuture<Void> closing =
                publisher.publish(root).toCompletableFuture().thenRun(publisher::close);
        peer.expect("7=a", "1 rows {bowstring.sequence=0}").send(row(1, 0));
        assertThatThrownBy(closing::get).hasCauseInstanceOf(IllegalStateException.class);

        fill("b");
        publisher.publish(root);

        peer.expect("7+b", "1 rows {bowstring.sequence=1}").send(row(2, 1));
        publisher.close();
    }

    @Test
    void areLetGoOfWhereTheClientIsClosed() throws Exception {
        fill("a");
        CompletableFuture<Receipt> stage = publisher.publish(root).toCompletableFuture();
        peer.expect("7=a", "1 rows {bowstring.sequence=0}").send(row(1, 0));
        stage.get();

        rig.client.close(); // and nothing else is, or buffers would leak
    }

    @Test
    void areNeverBehindTheEndOfTheStream() throws Exception {
        peer.reset();
        Peer next = rig.server.accept();
        next.received();
        fill("x".repeat(5 << 20)); // more than a socket takes before it says that it does not
        publisher.publish(root);
        FutureTask<Void> finishing = new FutureTask<>(() -> {
            publisher.finish();
            return null;
        });
        Threads.startAndAwaitBlocked(finishing);

        next.send(handshake(-1));

        next.expect("7=...", "1 rows {bowstring.sequence=0}", Peer.END);
        next.send(row(1, 0), IpcEndOfStream.INSTANCE);
        finishing.get();
    }

    @Test
    void areSentAgainAlsoWhereTheyFillTheSocket() throws Exception {
        fill("x".repeat(5 << 20));
        CompletableFuture<Receipt> first = publisher.publish(root).toCompletableFuture();
        peer.expect("7=...", "1 rows {bowstring.sequence=0}").send(row(1, 0));
        first.get();
        peer.reset();
        Peer next = rig.server.accept();
        next.received();
        fill("y");
        publisher.publish(root);

        next.send(handshake(0));

        next.expect("7=...", "7+y", "1 rows {bowstring.sequence=1}");
    }
}
