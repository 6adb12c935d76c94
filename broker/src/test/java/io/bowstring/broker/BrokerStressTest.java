package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Publishers and subscribers of one topic on four threads, which are also the topic's. */
class BrokerStressTest {
    private static final int PUBLISHERS = 3;
    private static final int BATCHES = 3000;
    private static final long PUBLISHER_FACTOR = 1_000_000;
    private static final int NEVER = -1;
    private static final long TIMEOUT_SECONDS = 120;
    private static final TopicName TOPIC = new TopicName("t");

    private final long seed = System.nanoTime();
    private final TrackingAllocator allocator = new TrackingAllocator();
    private final DefaultEventExecutorGroup group = new DefaultEventExecutorGroup(4);
    private final BrokerConfig config =
            SmallBrokers.config(40 * Messages.BATCH_WEIGHT, 1, 1 << 20, 10 * Messages.BATCH_WEIGHT, 1);
    private final Broker broker = new Broker(config, group, allocator, InstantSource.system());
    private final CountDownLatch subscribed = new CountDownLatch(9);
    private final CountDownLatch published = new CountDownLatch(PUBLISHERS);
    private final CountDownLatch over = new CountDownLatch(9);

    @Test
    void deliversEverythingToThoseWhoBlockAndNamesEveryGapToThoseWhoDrop() throws Exception {
        List<StressSink> blocking = subscribe(3, LagPolicy.BLOCK, NEVER);
        List<StressSink> dropping = subscribe(3, LagPolicy.DROP, NEVER);
        List<StressSink> disconnecting = subscribe(2, LagPolicy.DISCONNECT, NEVER);
        StressSink leaving = subscribe(1, LagPolicy.BLOCK, 500).get(0);
        await(subscribed);

        for (int i = 0; i < PUBLISHERS; i++) {
            Pump pump = new Pump(group.next(), i * PUBLISHER_FACTOR);
            pump.executor.execute(pump::begin);
        }
        await(published);
        broker.drain();
        await(over);
        broker.close().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        group.shutdownGracefully(0, TIMEOUT_SECONDS, TimeUnit.SECONDS).sync();

        StressSink first = blocking.get(0);
        assertThat(first.positions).as("seed %d", seed).hasSize(PUBLISHERS * BATCHES);
        assertInOrderOfPublishers(first.values);
        blocking.forEach(sink -> {
            assertThat(sink.isComplete).isTrue();
            assertThat(sink.values).isEqualTo(first.values);
            assertEveryGapIsNamed(sink);
            assertThat(sink.positions).extracting(BatchPosition::gap).containsOnly(0L);
        });
        dropping.forEach(sink -> {
            assertThat(sink.isComplete).isTrue();
            assertEveryGapIsNamed(sink);
            assertSameValues(sink, first);
            assertThat(sink.positions.get(sink.positions.size() - 1).offset())
                    .isEqualTo((long) PUBLISHERS * BATCHES - 1);
        });
        disconnecting.forEach(sink -> {
            assertThat(sink.isComplete).isEqualTo(sink.positions.size() == PUBLISHERS * BATCHES);
            assertThat(sink.cutCode).isEqualTo(sink.isComplete ? null : ErrorCode.LAGGED);
            assertThat(sink.values).isEqualTo(first.values.subList(0, sink.values.size()));
        });
        assertThat(leaving.values).isEqualTo(first.values.subList(0, 500));
        assertThat(allocator.usedBytes()).isZero();
        assertThat(broker.usedMemoryBytes()).isZero();
        LeakDetection.check();
    }

    private List<StressSink> subscribe(int count, LagPolicy onLag, int cancelAfter) {
        List<StressSink> sinks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EventExecutor executor = group.next();
            StressSink sink = new StressSink(executor, seed + sinks.size(), cancelAfter, over);
            sinks.add(sink);
            executor.execute(() -> {
                sink.begin(broker.subscribe(
                        SubscribeRequest.of(TOPIC.value()).fromEarliest().onLag(onLag), sink));
                subscribed.countDown();
            });
        }
        return sinks;
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static void assertInOrderOfPublishers(List<Long> values) {
        long[] next = new long[PUBLISHERS];
        for (long value : values) {
            int publisher = (int) (value / PUBLISHER_FACTOR);
            assertThat(value % PUBLISHER_FACTOR).isEqualTo(next[publisher]++);
        }
        assertThat(next).containsOnly(BATCHES);
    }

    private static void assertEveryGapIsNamed(StressSink sink) {
        long next = 0;
        for (BatchPosition position : sink.positions) {
            assertThat(position.offset()).isEqualTo(next + position.gap());
            next = position.offset() + 1;
        }
    }

    private static void assertSameValues(StressSink sink, StressSink all) {
        for (int i = 0; i < sink.values.size(); i++) {
            int offset = (int) sink.positions.get(i).offset();
            assertThat(sink.values.get(i)).isEqualTo(all.values.get(offset));
        }
    }

    /** A publisher that sends as fast as it may. Confined to its executor. */
    private final class Pump implements PublicationListener {
        private final EventExecutor executor;
        private final long firstValue;
        private Publication publication;
        private boolean isReadable = true;
        private int sent;

        private Pump(EventExecutor executor, long firstValue) {
            this.executor = executor;
            this.firstValue = firstValue;
        }

        private void begin() {
            publication = broker.publish(
                    new PublishRequest(TOPIC, true, false), Messages.schema(Messages.PLAIN, allocator), this);
            pump();
        }

        private void pump() {
            for (int burst = 0; burst < 8 && isReadable && sent < BATCHES; burst++) {
                publication.append(Messages.batch(firstValue + sent++, allocator));
                if (sent == BATCHES) {
                    publication.finish();
                    publication.abort(); // as a connection does that is closed at once
                    return;
                }
            }
            if (isReadable) {
                executor.execute(this::pump);
            }
        }

        @Override
        public EventExecutor executor() {
            return executor;
        }

        @Override
        public void onAppended(long batches, long lastOffset) {
            assertThat(batches).isLessThanOrEqualTo(lastOffset + 1);
        }

        @Override
        public void onFinished() {
            published.countDown();
        }

        @Override
        public void onRefused(ProtocolException reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void onReadable(boolean readable) {
            isReadable = readable;
            if (readable && sent < BATCHES) {
                executor.execute(this::pump);
            }
        }
    }
}
