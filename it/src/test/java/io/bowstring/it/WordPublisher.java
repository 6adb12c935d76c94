package io.bowstring.it;

import io.bowstring.broker.Broker;
import io.bowstring.broker.Publication;
import io.bowstring.broker.PublicationListener;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;

/**
 * Publishes batches of words, by a dictionary that it replaces and adds to at random. Arrow-java makes the messages, since
 * it can make deltas, though its writer cannot.
 *
 * <p>Confined to the test's thread, but for what the broker calls.
 */
final class WordPublisher implements PublicationListener {
    private static final int ROWS = 4;

    private final String name;
    private final long dictionaryId;
    private final EventExecutor executor;
    private final BufferAllocator allocator;
    private final Map<Long, List<String>> published;
    private final Queue<List<String>> sent = new ConcurrentLinkedQueue<>();
    private long told;
    private final FrameReader reader = new FrameReader();
    private final List<String> words = new ArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private Publication publication;
    private int batches;
    private int dictionaryBatches;

    /**
     * Creates a publisher.
     *
     * @param published takes the words of each batch, by its offset
     */
    WordPublisher(
            String name,
            long dictionaryId,
            EventExecutor executor,
            BufferAllocator allocator,
            Map<Long, List<String>> published) {
        this.name = name;
        this.dictionaryId = dictionaryId;
        this.executor = executor;
        this.allocator = allocator;
        this.published = published;
    }

    void begin(Broker broker, TopicName topic) {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(dictionaryId, IpcType.INT32, false);
        List<IpcField> fields = List.of(
                new IpcField("word", true, IpcType.UTF8, encoding, List.of()), IpcField.of("n", true, IpcType.INT64));
        IpcSchema schema = IpcSchema.of(fields, Map.of(), UnpooledByteBufAllocator.DEFAULT);
        reader.read(schema.retainedFrame()).release();
        publication = broker.publish(new PublishRequest(topic, true, false), schema, this);
    }

    /** Sends a batch, and what its dictionary needs. */
    void publish(Random random) throws IOException {
        boolean isFirst = words.isEmpty();
        if (isFirst || random.nextInt(20) == 0) {
            words.clear();
            sendWords(2 + random.nextInt(3), false);
        } else {
            for (int deltas = random.nextInt(3); deltas > 0; deltas--) {
                sendWords(1 + random.nextInt(2), true);
            }
        }
        List<String> values = new ArrayList<>();
        try (IntVector word = new IntVector("word", allocator);
                BigIntVector n = new BigIntVector("n", allocator)) {
            for (int i = 0; i < ROWS; i++) {
                int index = random.nextInt(words.size() + 1);
                if (index == words.size()) {
                    word.setNull(i);
                    values.add(null);
                } else {
                    word.setSafe(i, index);
                    values.add(words.get(index));
                }
                n.setSafe(i, batches);
            }
            word.setValueCount(ROWS);
            n.setValueCount(ROWS);
            try (ArrowRecordBatch batch = new VectorUnloader(VectorSchemaRoot.of(word, n)).getRecordBatch()) {
                batches++;
                sent.add(values);
                send(out -> MessageSerializer.serialize(out, batch));
            }
        }
    }

    private void sendWords(int count, boolean isDelta) throws IOException {
        dictionaryBatches++;
        try (VarCharVector vector = new VarCharVector("words", allocator)) {
            for (int i = 0; i < count; i++) {
                String word = name + " " + batches + " " + words.size();
                words.add(word);
                vector.setSafe(i, word.getBytes(StandardCharsets.UTF_8));
            }
            vector.setValueCount(count);
            VectorSchemaRoot root = VectorSchemaRoot.of(vector);
            try (ArrowDictionaryBatch batch =
                    new ArrowDictionaryBatch(dictionaryId, new VectorUnloader(root).getRecordBatch(), isDelta)) {
                send(out -> MessageSerializer.serialize(out, batch));
            }
        }
    }

    private interface Writing {
        void writeTo(WriteChannel out) throws IOException;
    }

    private void send(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writing.writeTo(new WriteChannel(Channels.newChannel(bytes)));
        IpcMessage message = reader.read(Unpooled.directBuffer().writeBytes(bytes.toByteArray()));
        executor.execute(() -> publication.append(message));
    }

    /** Ends the stream in order; returns its end, when all is in the topic. */
    CompletableFuture<Void> finish() {
        executor.execute(publication::finish);
        return end;
    }

    /** Returns how many dictionaries and deltas have been sent. */
    int dictionaryBatches() {
        return dictionaryBatches;
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public void onAppended(long count, long lastOffset) {
        for (; told < count; told++) {
            published.put(lastOffset - (count - told - 1), sent.remove()); // each stands right after the one before it
        }
    }

    @Override
    public void onFinished() {
        end.complete(null);
    }

    @Override
    public void onRefused(ProtocolException reason) {
        end.completeExceptionally(reason);
    }

    @Override
    public void onReadable(boolean isReadable) {}
}
