package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.PublisherLimits;
import io.bowstring.broker.TopicConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Subscribers that join at any offset while two publishers replace their dictionaries and add to them: every stream opens
 * in arrow-java, begins where it was asked to, and has the words that were published, batch by batch.
 */
@ExtendWith(LeakDetection.class)
class LateJoinIT {
    private static final int JOINS = 10_000;
    private static final int JOINS_AT_ONCE = 64;
    private static final int LONGEST = 12;
    private static final long SEED = Seeds.fixed("LateJoinIT", 20_261_121);

    /** So few deltas that they are put together all the time. */
    private static final BrokerConfig CONFIG = BrokerConfig.DEFAULTS
            .withTopic(TopicConfig.DEFAULTS.withWindowBytes(4 << 20))
            .withPublishers(PublisherLimits.DEFAULTS.withMaxDictionaryBytes(1 << 20))
            .withMaxDictionaryDeltas(8);

    private static final TopicName TOPIC = new TopicName("words");

    private final Random random = new Random(SEED);
    private final Map<Long, List<String>> published = new ConcurrentHashMap<>();
    private final Queue<JoinedStream> joined = new ArrayDeque<>();
    private int read;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void everyStreamOpensAndHasWhatWasPublished() throws Exception {
        long start = System.nanoTime();
        DefaultEventExecutorGroup topics = new DefaultEventExecutorGroup(1);
        DefaultEventExecutorGroup clients = new DefaultEventExecutorGroup(2);
        Broker broker = new Broker(CONFIG, topics, UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        try (BufferAllocator allocator = new RootAllocator()) {
            List<WordPublisher> publishers = List.of(
                    new WordPublisher("one", 7, clients.next(), allocator, published),
                    new WordPublisher("two", 3, clients.next(), allocator, published));
            publishers.forEach(publisher -> publisher.begin(broker, TOPIC));
            for (int i = 0; i < 100; i++) {
                publishers.get(i % 2).publish(random);
            }
            for (int i = 0; i < JOINS; i++) {
                join(broker, clients);
                publishers.get(random.nextInt(2)).publish(random);
                if (joined.size() == JOINS_AT_ONCE) {
                    requirePublished(joined.remove(), allocator);
                }
            }
            for (int i = 0; i < LONGEST; i++) {
                publishers.get(i % 2).publish(random); // what the last ones wait for
            }
            while (!joined.isEmpty()) {
                requirePublished(joined.remove(), allocator);
            }
            for (WordPublisher publisher : publishers) {
                publisher.finish().get(20, TimeUnit.SECONDS);
            }
            int dictionaries = publishers.stream()
                    .mapToInt(WordPublisher::dictionaryBatches)
                    .sum();
            System.out.printf(
                    "LateJoinIT: %,d joins read %,d batches; %,d batches with %,d dictionaries and deltas in %,d ms%n",
                    JOINS, read, published.size(), dictionaries, (System.nanoTime() - start) / 1_000_000);
        } finally {
            broker.drain();
            clients.submit(() -> {}).await();
            broker.close().toCompletableFuture().join();
            clients.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
            topics.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    /** Joins at one of the last offsets, or right behind them. */
    private void join(Broker broker, DefaultEventExecutorGroup clients) {
        long next = published.size(); // or a little less than the topic has
        long from = Math.max(0, next - random.nextInt(200));
        long until = from + 1 + random.nextInt(LONGEST);
        JoinedStream stream = new JoinedStream(from, until, clients.next());
        StartPosition start = StartPosition.parse(Long.toString(from));
        EndPosition end = EndPosition.parse(Long.toString(until));
        broker.subscribe(SubscribeRequest.of(TOPIC.value()).from(start).until(end), stream);
        joined.add(stream);
    }

    private void requirePublished(JoinedStream stream, BufferAllocator allocator) throws Exception {
        byte[] bytes = stream.bytes().get(20, TimeUnit.SECONDS);
        try (ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(bytes), allocator)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            assertThat(root.getSchema().getCustomMetadata())
                    .containsEntry("bowstring.offset", Long.toString(stream.from()));
            long offset = stream.from();
            while (reader.loadNextBatch()) {
                assertThat(words(reader, root)).as("offset " + offset).isEqualTo(publishedAt(offset));
                offset++;
                read++;
            }
            assertThat(offset).isEqualTo(stream.until());
        }
    }

    private static List<String> words(ArrowStreamReader reader, VectorSchemaRoot root) throws IOException {
        IntVector indices = (IntVector) root.getVector("word");
        long id = indices.getField().getDictionary().getId();
        VarCharVector dictionary = (VarCharVector) reader.lookup(id).getVector();
        assertThat(((BigIntVector) root.getVector("n")).getNullCount()).isZero();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < indices.getValueCount(); i++) {
            words.add(
                    indices.isNull(i)
                            ? null
                            : dictionary.getObject(indices.get(i)).toString());
        }
        return words;
    }

    /** The publisher hears of its offset on another thread, maybe later. */
    private List<String> publishedAt(long offset) {
        List<String> words = published.get(offset);
        while (words == null) {
            Thread.onSpinWait();
            words = published.get(offset);
        }
        return words;
    }
}
