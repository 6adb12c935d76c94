package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.handshake;
import static io.bowstring.client.PublisherRig.receipt;
import static io.bowstring.client.PublisherRig.row;
import static io.bowstring.client.PublisherRig.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.BatchSequence;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.AbstractList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client does that has no memory for a moment: all over again, and nothing is lost. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class NoMemoryTest {
    /** Fails the next write, once it is told to. */
    private static final class FailingWrite extends ChannelOutboundHandlerAdapter {
        private final AtomicBoolean isNext;

        FailingWrite(AtomicBoolean isNext) {
            this.isNext = isNext;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (isNext.compareAndSet(true, false)) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new OutOfMemoryError("by the test"));
            } else {
                ctx.write(message, promise);
            }
        }
    }

    @Test
    void sendsNothingAfterABatchThatCannotBeWritten() throws Exception {
        AtomicBoolean failsNext = new AtomicBoolean();
        try (WatchedLoop loop = new WatchedLoop(channel -> channel.pipeline().addFirst(new FailingWrite(failsNext)));
                PublisherRig rig = new PublisherRig(config -> config.withLoops(loop))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            CountDownLatch goesOn = loop.hold();
            CompletionStage<Receipt> first = publisher.publish(batch(1));
            CompletionStage<Receipt> second = publisher.publish(batch(1));
            failsNext.set(true);
            goesOn.countDown();

            rig.peer.expect(Peer.RESET);
            rig.accept().send(handshake(-1)).expect(sequence(0), sequence(1)).send(row(2, 1));
            assertThat(receipt(first).sequence()).isEqualTo(0);
            assertThat(receipt(second).sequence()).isEqualTo(1);
        }
    }

    @Test
    void connectsAgainWhereARequestCannotBeWritten() throws Exception {
        AtomicBoolean failsNext = new AtomicBoolean();
        try (WatchedLoop loop = new WatchedLoop(channel -> channel.pipeline().addFirst(new FailingWrite(failsNext)));
                PublisherRig rig = new PublisherRig(config -> config.withLoops(loop))) {
            failsNext.set(true);
            FutureTask<MessagePublisher> opening = rig.opening(CONFIG);

            rig.server.accept().expect(Peer.RESET);
            rig.accept().send(handshake(-1));
            assertThat(opening.get().lastSequence()).isEqualTo(-1);
        }
    }

    @Test
    void asksAgainForABatchThatCannotBeMarked() throws Exception {
        NoMemory memory = new NoMemory("onBatch", 1);
        String asked = SubscriptionRig.asked("FROM").replace("disconnect", "drop");
        try (WatchedLoop loop = new WatchedLoop(channel -> channel.config().setAllocator(memory));
                SubscriptionRig rig = new SubscriptionRig(config -> config.withLoops(loop));
                Subscription subscription =
                        rig.client.subscribe(SubscriptionRig.request(EndPosition.LIVE, LagPolicy.DROP))) {
            Peer peer = rig.server.accept().expect(asked.replace("FROM", "earliest"), Peer.END);
            peer.send(SubscriptionRig.schema("log", 0), SubscriptionRig.batch(0))
                    .close();
            peer = rig.server.accept().expect(asked.replace("FROM", "1"), Peer.END);
            peer.send(SubscriptionRig.refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
            peer = rig.server.accept().expect(asked.replace("FROM", "earliest"), Peer.END);
            peer.send(SubscriptionRig.schema("log", 4), SubscriptionRig.batch(4));

            peer = rig.server.accept().expect(asked.replace("FROM", "4"), Peer.END);
            peer.send(SubscriptionRig.schema("log", 4), SubscriptionRig.batch(4), SubscriptionRig.batch(5));

            assertThat(SubscriptionRig.next(subscription)).isEqualTo("batch 0");
            assertThat(SubscriptionRig.next(subscription)).isEqualTo("batch 4 gap 3");
            assertThat(SubscriptionRig.next(subscription)).isEqualTo("batch 5");
        }
    }

    /** Has no memory for each message the first time. */
    private static final class FailingSink implements MessageSink {
        final BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        private final Set<String> failed = new HashSet<>();

        @Override
        public void onMessage(IpcMessage message) {
            String text = message instanceof IpcRecordBatch batch
                    ? "batch " + BatchPosition.parse(batch).offset() + " gap "
                            + BatchPosition.parse(batch).gap()
                    : message.kind().name();
            message.release();
            if (failed.add(text)) {
                throw new OutOfMemoryError("by the test");
            }
            taken.add(text);
        }

        @Override
        public void onEnd() {
            taken.add("end");
        }

        @Override
        public void onFailed(ClientException reason) {
            taken.add(reason.getMessage());
        }

        String next() throws InterruptedException {
            return taken.poll(10, TimeUnit.SECONDS);
        }
    }

    private static ClientConfig config(ScriptedServer server) {
        return ClientConfig.of(server.address())
                .withReconnect(ScriptedServer.FAST)
                .withTimeouts(ScriptedServer.PATIENT)
                .withListener(new RecordingListener());
    }

    @Test
    void asksAgainForWhatCannotBeHandedOn() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            ClientConfig config = config(server);
            try (Connector connector = new Connector(config)) {
                Link link = new Link("subscription to t", connector, config);
                FailingSink sink = new FailingSink();
                SubscribeRequest request = SubscriptionRig.request(EndPosition.LIVE, LagPolicy.DROP);
                String asked = SubscriptionRig.asked("FROM").replace("disconnect", "drop");
                link.execute(() -> link.open(new SubscribeSession(link, request, true, sink)));

                Peer peer = server.accept().expect(asked.replace("FROM", "earliest"), Peer.END);
                peer.send(SubscriptionRig.schema("log", 3)); // for which it has no memory, nor for either batch
                peer = server.accept().expect(asked.replace("FROM", "3"), Peer.END);
                peer.send(SubscriptionRig.schema("log", 3), SubscriptionRig.batch(3));
                peer = server.accept().expect(asked.replace("FROM", "3"), Peer.END);
                peer.send(SubscriptionRig.refusal("OFFSET_EXPIRED"), IpcEndOfStream.INSTANCE);
                peer = server.accept().expect(asked.replace("FROM", "earliest"), Peer.END);
                peer.send(SubscriptionRig.schema("log", 5), SubscriptionRig.batch(5));
                peer = server.accept().expect(asked.replace("FROM", "5"), Peer.END);
                peer.send(SubscriptionRig.schema("log", 5), SubscriptionRig.batch(5));

                assertThat(sink.next()).isEqualTo("SCHEMA");
                assertThat(sink.next()).isEqualTo("batch 5 gap 2");
                link.execute(() -> link.close(true));
            }
        }
    }

    /** No dictionaries, for which there is no memory the first time. */
    private static final class FailingList extends AbstractList<IpcDictionaryBatch> implements RandomAccess {
        private boolean hasFailed;

        @Override
        public IpcDictionaryBatch get(int index) {
            throw new IndexOutOfBoundsException(index);
        }

        @Override
        public int size() {
            return 0;
        }

        @Override
        public Iterator<IpcDictionaryBatch> iterator() {
            if (!hasFailed) {
                hasFailed = true;
                throw new OutOfMemoryError("by the test");
            }
            return super.iterator();
        }
    }

    @Test
    void sendsAgainWhereSendingHasThrown() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            ClientConfig config = config(server);
            try (Connector connector = new Connector(config)) {
                InFlight inFlight = new InFlight(Long.MAX_VALUE);
                PublishSession session = new PublishSession(
                        new Link("publisher of t", connector, config), inFlight, CONFIG, PublisherRig.schema(Map.of()));
                session.open();
                Peer peer = server.accept();
                peer.received();
                peer.send(handshake(-1));
                IpcRecordBatch batch = batch(1).edited(new BatchSequence(0).toEdit(), ByteBufAllocator.DEFAULT);
                PendingBatch pending = new PendingBatch(0, new FailingList(), batch);
                inFlight.add(pending.bytes());

                session.submit(pending);

                Peer next = server.accept();
                next.received();
                next.send(handshake(-1)).expect(sequence(0)).send(row(1, 0));
                assertThat(receipt(pending.receipt()).sequence()).isEqualTo(0);
                session.close(new ClientException("by the test")).join();
            }
        }
    }
}
