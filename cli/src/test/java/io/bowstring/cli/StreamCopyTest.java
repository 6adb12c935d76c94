package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.client.ClientException;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.Subscriber;
import io.bowstring.client.TcpAddress;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ListRequest;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.io.FilterOutputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
@Timeout(60)
class StreamCopyTest {
    @Test
    void schemaLivesWhileItIsWrittenThoughTheSubscriberIsClosed() throws Exception {
        try (Server server = Server.start(ServerConfig.DEFAULTS.withPort(0))) {
            ServerAddress address = new TcpAddress("127.0.0.1", server.address().getPort());
            Subscriber subscriber = Subscriber.open(address, new ListRequest(""));
            IpcSchema schema = subscriber.schema();
            List<Integer> references = new ArrayList<>();
            OutputStream target = new FilterOutputStream(OutputStream.nullOutputStream()) {
                @Override
                public void write(byte[] bytes, int offset, int count) {
                    subscriber.close();
                    references.add(schema.refCnt());
                }
            };

            assertThatThrownBy(() -> StreamCopy.untilStopped(subscriber, Channels.newChannel(target), Long.MAX_VALUE))
                    .isInstanceOf(ClientException.class)
                    .hasMessage("the subscriber has been closed");

            assertThat(references).containsExactly(1);
            assertThat(schema.refCnt()).isZero();
        }
    }
}
