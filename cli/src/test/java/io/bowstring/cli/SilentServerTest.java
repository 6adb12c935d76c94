package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listens on the port takes connections and says nothing. */
class SilentServerTest {
    @Test
    @Timeout(30)
    void endsAPublishWithOneLine() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            byte[] stream = Streams.of(Streams.schema("n"), Streams.batch(1));
            String line = "publish t --url bowstring://127.0.0.1:" + mute.getLocalPort();

            Command publish = Command.run(stream, line.split(" "));

            assertThat(publish.exitCode()).isEqualTo(1);
            assertThat(publish.err())
                    .isEqualToNormalizingNewlines("bowstring: the server is silent: no answer within 10000 ms\n");
        }
    }
}
