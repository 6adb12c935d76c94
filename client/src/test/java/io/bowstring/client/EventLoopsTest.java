package io.bowstring.client;

import static io.bowstring.client.PublisherRig.CONFIG;
import static io.bowstring.client.PublisherRig.batch;
import static io.bowstring.client.PublisherRig.schema;
import static io.bowstring.client.SubscriptionRig.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Event loops that the user has, and shuts down whenever he likes. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class EventLoopsTest {
    private static final String SHUT_DOWN = "the event loops have been shut down";

    private EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        shutDown(loops, 0);
    }

    private static void shutDown(EventLoopGroup group, int quietMillis) {
        group.shutdownGracefully(quietMillis, 10_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    private void use(boolean isEpoll) {
        assumeTrue(!isEpoll || Epoll.isAvailable(), "this machine has no epoll");
        shutDown(loops, 0);
        IoHandlerFactory factory = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        loops = new MultiThreadIoEventLoopGroup(2, factory);
    }

    private static void receiveSchema(ScriptedServer server, Client client) throws Exception {
        try (MessageSubscription subscription = client.messageSubscription(ALL)) {
            Peer peer = server.accept();
            peer.expect(SubscriptionRig.asked("earliest"), Peer.END);
            peer.send(SubscriptionRig.schema("log", 0));
            IpcMessage message = subscription.next();
            assertThat(message.release()).isTrue();
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void carryConnectionsAndLiveOn(boolean isEpoll) throws Exception {
        use(isEpoll);
        try (ScriptedServer server = new ScriptedServer()) {
            try (Client client = server.connect(config -> config.withLoops(loops))) {
                receiveSchema(server, client);
            }
            assertThat(loops.isShuttingDown()).isFalse();
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void carryUnixSockets(boolean isEpoll, @TempDir Path folder) throws Exception {
        use(isEpoll);
        try (ScriptedServer server = new ScriptedServer(folder.resolve("s"));
                Client client = server.connect(config -> config.withLoops(loops))) {
            receiveSchema(server, client);
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void sayWhereThereIsNoUnixSocket(boolean isEpoll, @TempDir Path folder) {
        use(isEpoll);
        ServerAddress nowhere = new UnixAddress(folder.resolve("s").toString());

        assertThatThrownBy(() -> Client.connect(ClientConfig.of(nowhere).withLoops(loops)))
                .isInstanceOf(ClientException.class)
                .hasMessage("cannot connect to " + nowhere + ": no such file");
    }

    @Test
    @SuppressWarnings("deprecation") // of event loops without any I/O there are no others
    void ofAnotherKindAreRefused() {
        EventLoopGroup local = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        EventLoopGroup none = new DefaultEventLoopGroup(1);
        for (EventLoopGroup other : new EventLoopGroup[] {local, none}) {
            ClientConfig config = ClientConfig.of("bowstring://localhost").withLoops(other);
            assertThatThrownBy(() -> Client.connect(config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("loops: " + other.getClass().getName()
                            + " (expected: event loops of NioIoHandler or EpollIoHandler)");
            shutDown(other, 0);
        }
    }

    @Test
    void thatAreShutDownCannotBeUsed() throws Exception {
        try (ScriptedServer server = new ScriptedServer();
                Client client = server.connect(config -> config.withLoops(loops))) {
            shutDown(loops, 0);

            assertThatThrownBy(() -> client.messageSubscription(ALL))
                    .isInstanceOf(ClientException.class)
                    .hasMessage(SHUT_DOWN);
            assertThatThrownBy(() -> client.subscribe(ALL, new RecordingSubscriber(0)))
                    .hasMessage(SHUT_DOWN);
            assertThatThrownBy(() -> client.topics("")).hasMessage(SHUT_DOWN);
            assertThatThrownBy(() -> client.messagePublisher(CONFIG, schema(Map.of())))
                    .hasMessage(SHUT_DOWN);
            assertThatThrownBy(() ->
                            Client.connect(ClientConfig.of(server.address()).withLoops(loops)))
                    .isInstanceOf(ClientException.class)
                    .hasMessage(SHUT_DOWN);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 20})
    void thatAreShutDownEndWhatTheyCarry(int quietMillis) throws Exception {
        try (PublisherRig rig = new PublisherRig(config -> config.withLoops(loops))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            CompletionStage<Receipt> stage = publisher.publish(batch(1));
            FutureTask<IpcMessage> next = new FutureTask<>(rig.client.messageSubscription(ALL)::next);
            Threads.startAndAwaitBlocked(next);
            RecordingSubscriber subscriber = new RecordingSubscriber(1);
            rig.client.subscribe(ALL, subscriber);
            rig.server.accept();
            rig.server.accept();

            shutDown(loops, quietMillis);

            assertThatThrownBy(stage.toCompletableFuture()::get).cause().hasMessage(SHUT_DOWN);
            assertThatThrownBy(next::get).cause().hasMessage(SHUT_DOWN);
            assertThat(subscriber.event()).isEqualTo("subscribed");
            assertThat(subscriber.event()).isEqualTo("error ClientException: " + SHUT_DOWN);
            assertThatThrownBy(() -> publisher.publish(batch(1))).hasMessage(SHUT_DOWN);
            assertThatThrownBy(publisher::finish).hasMessage(SHUT_DOWN);
            assertThatThrownBy(publisher::close)
                    .hasMessage("not all batches are known to be in the topic: " + SHUT_DOWN);
            rig.client.close();
        }
    }

    @Test
    void thatAreShutDownEndTheWaitForTheNextAttempt() throws Exception {
        ReconnectConfig late = new ReconnectConfig(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(2));
        try (ScriptedServer server = new ScriptedServer();
                Client client = server.connect(config -> config.withLoops(loops).withReconnect(late))) {
            FutureTask<IpcMessage> next = new FutureTask<>(client.messageSubscription(ALL)::next);
            Threads.startAndAwaitBlocked(next);
            server.accept().close();

            loops.next().submit(() -> {}).sync();
            shutDown(loops, 0);

            assertThatThrownBy(next::get).cause().hasMessage(SHUT_DOWN);
        }
    }

    @Test
    void letCallsThroughWhichNeedNotWait() throws Exception {
        try (ScriptedServer server = new ScriptedServer();
                Client client = server.connect(config -> config.withLoops(loops))) {
            FutureTask<MessageSubscription> subscribing = new FutureTask<>(() -> client.messageSubscription(ALL));
            loops.execute(subscribing);

            MessageSubscription subscription = subscribing.get();
            Peer peer = server.accept();
            assertThat(peer.received()).startsWith("[]");
            peer.expect(Peer.END);
            loops.submit(subscription::close).sync();

            peer.expect(Peer.CLOSED);
        }
    }

    @Test
    void carryNothingOfAConnectThatIsInterrupted() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(() ->
                            Client.connect(ClientConfig.of(server.address()).withLoops(loops)))
                    .isInstanceOf(InterruptedException.class);

            loops.submit(() -> {}).sync();
            assertThat(server.waiting()).isZero();
        }
    }

    @Test
    void thatAreFullThrowWhatTheyCannotTake() throws Exception {
        try (WatchedLoop full = new WatchedLoop(channel -> {});
                PublisherRig rig = new PublisherRig(config -> config.withLoops(full))) {
            MessagePublisher publisher = rig.open(CONFIG, -1);
            CountDownLatch goesOn = full.hold();
            AtomicReference<Future<?>> last = new AtomicReference<>();
            try {
                assertThatThrownBy(() -> {
                            while (true) {
                                last.set(full.submit(() -> {}));
                            }
                        })
                        .isInstanceOf(RejectedExecutionException.class);

                assertThatThrownBy(() -> publisher.publish(batch(1)))
                        .isInstanceOf(ClientException.class)
                        .hasMessage("the event loop takes no more tasks")
                        .hasCauseInstanceOf(RejectedExecutionException.class);
                assertThatThrownBy(() -> publisher.publish(batch(1)))
                        .isInstanceOf(ClientException.class)
                        .hasMessage("the event loop takes no more tasks");
            } finally {
                goesOn.countDown();
                last.get().get(); // or there were no room for the end of the publisher
            }
        }
    }
}
