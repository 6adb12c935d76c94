package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@link LocalPublisher} and {@link LocalSubscriber}. */
class LocalTest {
    private static final TopicName T = new TopicName("t");
    private static final long LIMIT = 4 * Messages.BATCH_WEIGHT;

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(3 * Messages.BATCH_WEIGHT, 10, 1 << 20, LIMIT, 10));

    private final List<String> received = new ArrayList<>();

    @Test
    void passesMessagesFromPublisherToSubscriber() {
        LocalSubscriber subscriber = subscribe(EndPosition.LIVE);
        LocalPublisher publisher = publish(true, true);

        publisher.publish(Messages.batch(7, rig.allocator));
        publisher.publish(Messages.batch(8, rig.allocator));
        CompletionStage<Long> finished = publisher.finish();
        rig.run();

        assertThat(received).containsExactly("schema t", "batch 0 = 7", "batch 1 = 8");
        assertThat(finished).isCompletedWithValue(1L);
        assertThat(subscriber.end()).isCompleted();
        assertThat(rig.list("t").get(0)).returns(true, TopicStatus::isSealed);
    }

    @Test
    void readsBatchesInPlace() {
        BrokerRig roomy = new BrokerRig(BrokerConfig.DEFAULTS); // batches share blocks
        roomy.publish("t").send(7, 8, 9);
        roomy.run();
        List<String> chunks = new ArrayList<>();
        LocalReceiver inPlace = new LocalReceiver() {
            @Override
            public void onMessage(IpcMessage message) {
                chunks.add(message.kind().toString());
            }

            @Override
            public boolean takesChunks() {
                return true;
            }

            @Override
            public void onChunk(Chunk chunk) {
                IpcRecordBatch last = chunk.batch(chunk.batchCount() - 1);
                int bytes = chunk.batchCount() * last.frameBytes(); // they are alike
                assertThat(chunk.frameBytes()).isEqualTo(bytes);
                assertThat(chunk.frames().readableBytes()).isEqualTo(bytes);
                chunks.add(chunk.batchCount() + " from " + chunk.firstOffset() + ", the last "
                        + last.buffer(1, Long.BYTES).readLongLE());
                last.release();
            }
        };

        LocalSubscriber.open(
                roomy.broker,
                request("t", EndPosition.END, LagPolicy.DISCONNECT).from(StartPosition.offset(1)),
                roomy.sinkLoop,
                inPlace);
        roomy.run();

        assertThat(chunks).containsExactly("SCHEMA", "2 from 1, the last 9");
        roomy.close();
    }

    @Test
    void finishesWithoutBatchesAndWithoutAcknowledgements() {
        LocalPublisher acknowledged = publish(true, false);
        acknowledged.finish();
        LocalPublisher other = publish(false, false);
        other.publish(Messages.batch(7, rig.allocator));
        other.finish();
        rig.run();

        assertThat(acknowledged.end()).isCompletedWithValue(-1L);
        assertThat(other.end()).isCompletedWithValue(-1L);
    }

    @Test
    void keepsWhatWasPublishedBeforeItWasClosed() {
        LocalPublisher publisher = publish(true, true);
        publisher.publish(Messages.batch(7, rig.allocator));
        publisher.close();
        publisher.close();
        rig.run();

        assertThat(publisher.end()).isCompletedWithValue(0L);
        assertThat(rig.list("t").get(0)).returns(false, TopicStatus::isSealed).returns(1L, TopicStatus::nextOffset);
    }

    @Test
    void tellsThatItIsRefused() {
        rig.publish("t", List.of());
        LocalPublisher publisher = publish(true, false);
        publisher.publish(Messages.batch(7, rig.allocator));
        LocalSubscriber subscriber = subscribe("u", EndPosition.END);
        rig.run();

        assertRefused(publisher.end(), ErrorCode.SCHEMA_MISMATCH);
        assertRefused(subscriber.end(), ErrorCode.UNKNOWN_TOPIC);
    }

    @Test
    void closesASubscriberWhoseTopicIsFasterThanItsReceiver() {
        LocalPublisher publisher = publish(true, false);
        List<LocalSubscriber> self = new ArrayList<>();
        int[] calls = {0};
        self.add(LocalSubscriber.open(
                rig.broker, request("t", EndPosition.LIVE, LagPolicy.DISCONNECT), rig.sinkLoop, message -> {
                    calls[0]++;
                    if (calls[0] == 5) {
                        self.get(0).close();
                    }
                    assertThat(calls[0]).isLessThan(100);
                    publisher.publish(Messages.batch(calls[0], rig.allocator)); // before it is done with this one
                    rig.publisherLoop.runAll();
                    rig.topicLoop.runAll();
                }));
        rig.run();

        assertThat(calls[0]).isEqualTo(5);
        assertThat(self.get(0).end()).isCompleted();
        assertThat(rig.list("t").get(0).subscribers()).isZero();
    }

    @Test
    void refusesAPublisherWhoseMessageIsNone() {
        LocalSubscriber subscriber = subscribe(EndPosition.LIVE);
        LocalPublisher faulty = publish(true, false);
        LocalPublisher other = publish(true, false);
        rig.run();

        faulty.publish(Messages.schema(Messages.PLAIN, rig.allocator));
        faulty.publish(Messages.batch(1, rig.allocator));
        other.publish(Messages.batch(2, rig.allocator));
        rig.run();

        assertRefused(faulty.end(), ErrorCode.BAD_STREAM);
        assertThat(received).containsExactly("schema t", "batch 0 = 2");
        assertThat(subscriber.end()).isNotCompleted();
    }

    @Test
    void isNotWritableWhileTheTopicTakesNoMore() {
        FakeSink stalled = new FakeSink(rig.sinkLoop);
        stalled.credit = 0;
        rig.subscribe("t", "latest", "live", "block", stalled);
        LocalPublisher publisher = publish(true, false);
        rig.run();

        for (int i = 0; i < 7; i++) {
            publisher.publish(Messages.batch(i, rig.allocator));
            rig.run();
        }
        assertThat(publisher.isWritable()).isTrue(); // three in the window, four in flight
        publisher.publish(Messages.batch(7, rig.allocator));
        rig.run();
        assertThat(publisher.isWritable()).isFalse();

        stalled.grant(4);
        rig.run();
        assertThat(publisher.isWritable()).isTrue();
    }

    @Test
    void isNotWritableWhileMuchIsOnItsWayToTheExecutor() {
        LocalPublisher publisher = publish(false, false);
        publisher.publish(Messages.longBatch(100_000, 1, rig.allocator));
        assertThat(publisher.isWritable()).isTrue();
        publisher.publish(Messages.longBatch(100_000, 2, rig.allocator));

        assertThat(publisher.isWritable()).isFalse();
        rig.run();
        assertThat(publisher.isWritable()).isTrue();
    }

    @Test
    void callsNobodyOnceItIsClosed() {
        LocalSubscriber subscriber = subscribe(EndPosition.LIVE);
        rig.publish("t").send(1);
        rig.run();
        assertThat(subscriber.end().toCompletableFuture()).isNotDone();

        subscriber.close();
        subscriber.close();
        rig.publish("t").send(2);
        rig.run();

        assertThat(received).containsExactly("schema t", "batch 0 = 1");
        assertThat(subscriber.end()).isCompleted();
        assertThat(rig.list("t").get(0)).returns(0L, TopicStatus::subscribers);
    }

    @Test
    void isCutWhereItsReceiverThrows() {
        LocalSubscriber subscriber = LocalSubscriber.open(
                rig.broker, request("t", EndPosition.LIVE, LagPolicy.DISCONNECT), rig.sinkLoop, message -> {
                    throw new IllegalStateException("thrown by the receiver");
                });
        rig.publish("t").send(1);

        assertThatThrownBy(rig::run).hasMessage("thrown by the receiver"); // for the executor's log
        rig.run();

        assertRefused(subscriber.end(), ErrorCode.INTERNAL);
        assertThat(rig.list("t").get(0)).returns(0L, TopicStatus::subscribers);
    }

    @Test
    void isCutWhereItsReceiverThrowsAnError() {
        LocalSubscriber subscriber = LocalSubscriber.open(
                rig.broker, request("t", EndPosition.LIVE, LagPolicy.DISCONNECT), rig.sinkLoop, message -> {
                    throw new AssertionError("thrown by the receiver");
                });
        rig.publish("t").send(1);

        assertThatThrownBy(rig::run).hasMessage("thrown by the receiver");
        rig.run();

        assertRefused(subscriber.end(), ErrorCode.INTERNAL);
    }

    @Test
    void hearsItsEndThoughItsExecutorIsShutDown() throws Exception {
        EventExecutor topics = new DefaultEventExecutor();
        EventExecutor executor = new DefaultEventExecutor();
        Broker broker = new Broker(BrokerConfig.DEFAULTS, topics, rig.allocator, rig.clock);
        SubscribeRequest request = request("t", EndPosition.LIVE, LagPolicy.DISCONNECT);
        LocalSubscriber closed = LocalSubscriber.open(broker, request, executor, this::onMessage);
        LocalSubscriber cut = LocalSubscriber.open(broker, request, executor, this::onMessage);
        LocalPublisher publisher = open(broker, executor);
        executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();

        closed.close();
        assertThat(closed.end()).succeedsWithin(10, TimeUnit.SECONDS);
        LocalPublisher other = open(broker, rig.publisherLoop);
        assertThat(broker.delete(T)).succeedsWithin(10, TimeUnit.SECONDS);

        assertThat(publisher.end()).failsWithin(10, TimeUnit.SECONDS);
        assertThat(cut.end()).failsWithin(10, TimeUnit.SECONDS);
        rig.run();
        assertRefused(other.end(), ErrorCode.UNKNOWN_TOPIC);
        assertThat(broker.close()).succeedsWithin(10, TimeUnit.SECONDS);
        topics.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        assertThat(broker.usedMemoryBytes()).isZero();
    }

    private LocalPublisher open(Broker broker, EventExecutor executor) {
        IpcSchema schema = Messages.schema(Messages.PLAIN, rig.allocator);
        return LocalPublisher.open(broker, new PublishRequest(T, true, false), schema, executor);
    }

    @Test
    void isCutWhereItFellBehind() {
        LocalSubscriber subscriber = subscribe(EndPosition.LIVE);
        rig.publish("t");
        rig.run();
        rig.publish("t").send(1, 2, 3, 4, 5);
        rig.publisherLoop.runAll();
        rig.topicLoop.runAll(); // and the subscriber's executor is busy
        rig.run();

        assertRefused(subscriber.end(), ErrorCode.LAGGED);
    }

    private LocalPublisher publish(boolean wantsAcks, boolean seals) {
        IpcSchema schema = Messages.schema(Messages.PLAIN, rig.allocator);
        return LocalPublisher.open(rig.broker, new PublishRequest(T, wantsAcks, seals), schema, rig.publisherLoop);
    }

    private LocalSubscriber subscribe(EndPosition until) {
        return subscribe("t", until);
    }

    private LocalSubscriber subscribe(String topic, EndPosition until) {
        return LocalSubscriber.open(
                rig.broker, request(topic, until, LagPolicy.DISCONNECT), rig.sinkLoop, this::onMessage);
    }

    private static SubscribeRequest request(String topic, EndPosition until, LagPolicy onLag) {
        return SubscribeRequest.of(topic).fromEarliest().until(until).onLag(onLag);
    }

    private void onMessage(IpcMessage message) {
        if (message instanceof IpcRecordBatch batch) {
            long value = batch.buffer(1, Long.BYTES).readLongLE();
            received.add("batch " + batch.customMetadata().get("bowstring.offset") + " = " + value);
        } else {
            received.add("schema " + ((IpcSchema) message).schemaMetadata().get("bowstring.topic"));
        }
    }

    private static void assertRefused(CompletionStage<?> end, ErrorCode code) {
        assertThat(end)
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        ProtocolException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
