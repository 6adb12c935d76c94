package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.Counter;
import io.bowstring.codec.LeakDetection;
import io.netty.channel.epoll.Epoll;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that listens on a Unix domain socket beside its port. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class UnixSocketTest {
    private static final int ROWS = 3_000;

    @TempDir
    private Path folder;

    private Path path() {
        return folder.resolve("bowstring.sock");
    }

    private ServerConfig config() {
        return ServerConfig.DEFAULTS.withPort(0).withUnix(path());
    }

    private Server start(Transport transport) throws Exception {
        return start(transport, config());
    }

    private static Server start(Transport transport, ServerConfig config) throws Exception {
        assumeTrue(transport != Transport.EPOLL || Epoll.isAvailable(), "this machine has no epoll");
        return Server.start(config, transport);
    }

    private static List<Received.Kind> kinds(List<Received> all) {
        return all.stream().map(Received::kind).toList();
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void relaysBetweenUnixAndTcp(Transport transport) throws Exception {
        try (Server server = start(transport);
                UnixClient publisher = new UnixClient(path());
                UnixClient subscriber = new UnixClient(path());
                WireClient remote = WireClient.connect(server)) {
            subscriber
                    .send(Messages.subscribe("t", "bowstring.from", "earliest"))
                    .halfClose();
            publisher.send(
                    Messages.publish("t", "bowstring.seal", "true", "bowstring.ack", "true"),
                    Messages.counting(0, 50_000), // more than a socket buffer
                    Messages.batch(2, 3),
                    Messages.END);

            List<Received> local = subscriber.readAll();
            assertThat(kinds(local))
                    .containsExactly(Received.Kind.SCHEMA, Received.Kind.BATCH, Received.Kind.BATCH, Received.Kind.END);
            assertThat(local.get(1).numbers()).hasSize(50_000);
            assertThat(kinds(publisher.readAll())).endsWith(Received.Kind.END);
            remote.send(Messages.subscribe("t", "bowstring.from", "1"))
                    .expectStart("t", 1)
                    .expectBatch(1, 2, 3)
                    .expectEnd();
        }
    }

    @Test
    void saysWhereThereIsNoSuchSocket() {
        assertThatThrownBy(() -> start(Transport.NIO))
                .isInstanceOf(ListenException.class)
                .hasMessageContaining("unix: " + path())
                .hasMessageContaining("no epoll");

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void servesHalfClosedClients() throws Exception {
        try (Server server = start(Transport.EPOLL);
                UnixClient subscriber = new UnixClient(path());
                WireClient publisher = WireClient.connect(server)) {
            subscriber
                    .send(Messages.subscribe("t", "bowstring.from", "earliest"))
                    .halfClose();
            publisher.send(Messages.publish("t", "bowstring.seal", "true"), Messages.batch(1), Messages.END);

            assertThat(kinds(subscriber.readAll()))
                    .containsExactly(Received.Kind.SCHEMA, Received.Kind.BATCH, Received.Kind.END);
            assertThat(subscriber.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void isOpenToItsOwnerAloneAndGoneAtTheEnd(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            assertThat(server.address().getPort()).isPositive();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                    .isEqualTo("rw-------");
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactly(path());
            }
        }
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void replacesFileThatWasLeftBehind(Transport transport) throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path()))
                .close();
        assertThat(path()).exists();

        try (Server server = start(transport);
                UnixClient client = new UnixClient(path())) {
            client.send(Messages.list(""));
            assertThat(kinds(client.readAll())).endsWith(Received.Kind.END);
            assertThat(server.counters().value(Counter.CONNECTIONS_OPENED)).isOne();
        }
    }

    @Test
    void leavesWhereSomebodyListensAlone() throws Exception {
        try (Server first = Server.start(config());
                UnixClient client = new UnixClient(path())) {
            assertThatThrownBy(() -> Server.start(config()))
                    .isInstanceOf(ListenException.class)
                    .hasMessageContaining("unix: " + path())
                    .hasMessageContaining("somebody listens");

            client.send(Messages.list(""));
            assertThat(kinds(client.readAll())).endsWith(Received.Kind.END);
            assertThat(first.address().getPort()).isPositive();
        }
    }

    @Test
    void leavesOtherFilesAlone() throws Exception {
        Files.writeString(path(), "dear");

        assertThatThrownBy(() -> Server.start(config()))
                .isInstanceOf(ListenException.class)
                .hasMessageContaining("is not a socket");

        assertThat(path()).hasContent("dear");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path());
        }
    }

    @Test
    void givesUpThePortWhereThePathIsNone() throws Exception {
        int port;
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            port = server.address().getPort();
        }
        Path nowhere = folder.resolve("no/such/folder");
        Path tooLong = folder.resolve("x".repeat(120)).resolve("s");
        Files.createDirectory(tooLong.getParent());

        for (Path path : List.of(nowhere, tooLong)) {
            assertThatThrownBy(() ->
                            Server.start(ServerConfig.DEFAULTS.withPort(port).withUnix(path)))
                    .isInstanceOf(ListenException.class);
        }

        Server.start(ServerConfig.DEFAULTS.withPort(port)).close();
    }

    @Test
    void doesNotRemoveTheFileOfItsSuccessor() throws Exception {
        Server first = Server.start(config());
        Files.delete(path());
        try (Server second = Server.start(config())) {
            first.close();

            assertThat(path()).exists();
            assertThat(second.address().getPort()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void tearsReplyThatIsCut(Transport transport) throws Exception {
        try (Server server = start(transport);
                UnixClient subscriber = new UnixClient(path());
                WireClient publisher = WireClient.connect(server)) {
            publisher.send(Messages.publish("t"), Messages.batch(1));
            Topics.await(server, "t", topic -> topic.nextOffset() == 1);

            subscriber.send(Messages.request("bowstring.subscribe", "t", "bowstring.from", "0"));
            Topics.await(server, "t", topic -> topic.totals().deliveredBatches() == 1);
            subscriber.send(new byte[16]);

            assertThat(kinds(subscriber.readAll()))
                    .startsWith(Received.Kind.SCHEMA)
                    .endsWith(Received.Kind.RESET);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void tearsReplyOfSubscriberThatLags(Transport transport) throws Exception {
        BrokerConfig broker = SmallBrokers.config(64 << 10, 100, 64 << 10, 64 << 10, 100);
        try (Server server = start(transport, config().withBroker(broker));
                UnixClient subscriber = new UnixClient(path());
                WireClient lister = WireClient.connect(server);
                WireClient publisher = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t"));
            publisher.send(Messages.publish("t"));
            Topics.await(server, "t", topic -> topic.subscribers() == 1);
            publisher.send(Messages.counting(0, ROWS));
            Topics.await(server, "t", topic -> topic.totals().deliveredBatches() == 1);
            long published = 1;
            do {
                publisher.send(Messages.counting(published++, ROWS));
            } while (Topics.list(lister).get(0).subscribers() > 0);

            assertThat(kinds(subscriber.readAll())).endsWith(Received.Kind.BATCH, Received.Kind.RESET);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void cutsSubscriberThatTakesNothing(Transport transport) throws Exception {
        ConnectionLimits limits = ConnectionLimits.DEFAULTS.withWriteTimeout(Duration.ofMillis(300));
        try (Server server = start(transport, config().withConnections(limits));
                UnixClient subscriber = new UnixClient(path());
                WireClient publisher = WireClient.connect(server)) {
            subscriber.send(Messages.subscribe("t", "bowstring.from", "earliest"));
            publisher.send(Messages.publish("t"));
            for (long i = 0; i < 200; i++) { // 5 MB: more than fits between server and subscriber
                publisher.send(Messages.counting(i, ROWS));
            }

            Topics.await(server, "t", topic -> topic.nextOffset() == 200 && topic.subscribers() == 0);

            assertThat(server.counters().value(Counter.WRITES_STALLED)).isOne();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "EPOLL")
    void keepsWhatCameWholeOfPublisherThatIsGone(Transport transport) throws Exception {
        try (Server server = start(transport)) {
            new UnixClient(path())
                    .send(Messages.publish("t"), Messages.batch(1), Messages.prefix(64))
                    .close();

            Topics.await(server, "t", topic -> topic.publishers() == 0 && topic.nextOffset() == 1);
        }
    }
}
