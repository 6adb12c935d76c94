package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.netty.channel.epoll.Epoll;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unix domain sockets, on epoll and NIO. */
@Timeout(60)
@ExtendWith(LeakDetection.class)
class UnixConnectionTest {
    @TempDir
    private Path folder;

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void receives(boolean isEpoll) throws Exception {
        assumeTrue(!isEpoll || Epoll.isAvailable(), "this machine has no epoll");
        Path path = folder.resolve("s");
        Inbox inbox = new Inbox();
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
            ServerConnection connection = ServerConnection.open(new UnixAddress(path.toString()), inbox, isEpoll);
            try (SocketChannel accepted = listener.accept()) {
                IpcSchema sent = ScriptedServer.schema(Map.of("a", "b"));
                accepted.write(sent.frame().nioBuffer());
                sent.release();

                IpcSchema received = inbox.schema();
                assertThat(received.schemaMetadata()).containsEntry("a", "b");
                received.release();
            }
            inbox.close(new ClientException("over"));
            connection.reset();
        }
    }

    @ParameterizedTest(name = "epoll: {0}")
    @ValueSource(booleans = {true, false})
    void saysThatThereIsNoServer(boolean isEpoll) {
        assumeTrue(!isEpoll || Epoll.isAvailable(), "this machine has no epoll");
        UnixAddress address = new UnixAddress(folder.resolve("s").toString());

        assertThatThrownBy(() -> ServerConnection.open(address, new Inbox(), isEpoll))
                .isInstanceOf(ClientException.class)
                .hasMessage("cannot connect to " + address + ": no such file");
    }
}
