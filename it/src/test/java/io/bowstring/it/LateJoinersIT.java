package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.broker.TopicConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.Seeds;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.storage.FileStorage;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Subscribers that join a durable topic anywhere while it is published to, and take batches as they like: most of what they ask for is
 * on disk alone, and on their way they come to what is in memory, or fall back. Each gets what was published, from its start on,
 * without a gap.
 */
@ExtendWith(LeakDetection.class)
class LateJoinersIT {
    private static final int JOINS = Integer.getInteger("bowstring.joins", 1_000);
    private static final int JOINS_AT_ONCE = 32;
    private static final int FIRST_BATCHES = 500;
    private static final int MAX_BATCH_BYTES = 8 << 10;
    private static final int MOST_AT_ONCE = 60;
    private static final String TOPIC = "late";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration MOMENT = Duration.ofMillis(5);

    /** So little memory that it has some dozen batches; files that are begun often, where dictionaries are replaced. */
    private static final BrokerConfig CONFIG = BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS
            .withWindowBytes(64 << 10)
            .withDurable(DurableConfig.DEFAULTS.withSync(SyncPolicy.OS).withSegmentBytes(1 << 20)));

    /** One that joins. */
    private record Joining(JoinPlan plan, Joiner joiner, List<Joiner.Joined> joined) {}

    @TempDir
    private Path folder;

    private final long seed = Seeds.fresh("LateJoinersIT");
    private final Random random = new Random(seed);
    private final TopicRecord record = new TopicRecord(TOPIC);
    private final List<LocalNumberedProducer> producers = new ArrayList<>();
    private final List<Joining> joining = new ArrayList<>();
    private long batches;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void eachGetsWhatWasPublishedFromItsStartOn() throws Exception {
        long start = System.nanoTime();
        DefaultEventExecutorGroup loops = new DefaultEventExecutorGroup(3);
        FileStorage storage = FileStorage.open(folder, 0, UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        Broker broker = new Broker(CONFIG, loops, UnpooledByteBufAllocator.DEFAULT, InstantSource.system(), storage);
        try (BufferAllocator allocator = new RootAllocator()) {
            broker.open();
            for (int i = 0; i < 2; i++) {
                producers.add(new LocalNumberedProducer(
                        broker, new TopicName(TOPIC), i, seed, MAX_BATCH_BYTES, loops.next(), allocator));
            }
            run(broker, loops, allocator);
            producers.forEach(LocalNumberedProducer::close);
            System.out.printf(
                    "LateJoinersIT: %,d joins read %,d batches of %,d in %,d ms%n",
                    JOINS, batches, record.nextOffset(), (System.nanoTime() - start) / 1_000_000);
        } finally {
            broker.drain();
            broker.close().toCompletableFuture().join();
            storage.close();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private void run(Broker broker, DefaultEventExecutorGroup loops, BufferAllocator allocator) throws Exception {
        Joiner all =
                new Joiner(loops.next(), Long.MAX_VALUE, batch -> record.add(batch.offset(), batch.entry()), allocator);
        all.join(broker, SubscribeRequest.of(TOPIC).fromEarliest().onLag(LagPolicy.BLOCK));
        all.allow(Long.MAX_VALUE);
        while (record.nextOffset() < FIRST_BATCHES) {
            publish();
        }
        for (int i = 0; i < JOINS; i++) {
            join(broker, loops.next(), allocator);
            while (joining.size() == JOINS_AT_ONCE) {
                step();
            }
        }
        while (!joining.isEmpty()) {
            step();
        }
        for (LocalNumberedProducer producer : producers) {
            producer.finish().toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            requireKnown(published());
            record.requireAll(producer.number(), producer.sent(), List.of());
        }
        all.executor().execute(all::leave);
        all.end().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private void join(Broker broker, EventExecutor executor, BufferAllocator allocator) {
        JoinPlan plan = JoinPlan.draw(random, record);
        List<Joiner.Joined> joined = new ArrayList<>();
        Joiner joiner = new Joiner(executor, plan.limit(), joined::add, allocator);
        joiner.join(broker, plan.request());
        joining.add(new Joining(plan, joiner, joined));
    }

    /** Has something published, lets some take some, and looks at those that are done. */
    private void step() throws Exception {
        publish();
        for (Iterator<Joining> all = joining.iterator(); all.hasNext(); ) {
            Joining each = all.next();
            if (each.joiner.end().isDone()) {
                all.remove();
                require(each);
            } else if (random.nextInt(4) == 0) {
                each.joiner.allow(1 + random.nextInt(MOST_AT_ONCE));
            }
        }
    }

    /** Publishes some batches, unless some are still on their way: one that blocks may hold them. */
    private void publish() throws InterruptedException {
        if (record.await(published() - MOST_AT_ONCE, MOMENT)) {
            for (int i = random.nextInt(8); i >= 0; i--) {
                producers.get(random.nextInt(producers.size())).publish();
            }
        }
    }

    private long published() {
        return producers.stream().mapToLong(producer -> producer.sent().size()).sum();
    }

    private void require(Joining done) throws Exception {
        try {
            done.joiner.end().get();
        } catch (ExecutionException e) {
            throw new AssertionError(done.plan.toString(), e);
        }
        batches += done.joined.size();
        if (!done.joined.isEmpty()) {
            requireKnown(done.joined.get(done.joined.size() - 1).offset() + 1);
        }
        done.plan.require(done.joined, record, published());
    }

    private void requireKnown(long offset) throws InterruptedException {
        assertThat(record.await(offset, TIMEOUT))
                .as("all before offset %d", offset)
                .isTrue();
    }
}
