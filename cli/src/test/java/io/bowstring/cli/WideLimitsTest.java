package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.ClientConfig;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose limits were raised has what a client does not take by default, and the command line does. */
@Timeout(60)
class WideLimitsTest {
    @Test
    void subscribesToWhatIsAboveTheLimitsOfAClient() throws Exception {
        int count = ClientConfig.DEFAULT_LIMITS.maxMessageEntries() + 10;
        try (Server server =
                Server.start(ServerConfig.DEFAULTS.withPort(0).withLimits(withMessageEntries(2 * count)))) {
            String url = "bowstring://127.0.0.1:" + server.address().getPort();
            Map<String, String> entries = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                entries.put("k" + i, "v");
            }
            byte[] stream = Streams.of(
                    Streams.schema("n"),
                    Streams.batch(1).edited(new IpcMetadataEdit("none.", entries), ByteBufAllocator.DEFAULT));
            Command publish = Command.run(stream, "publish", "t", "--url", url);
            assertThat(publish.exitCode()).as(publish.err()).isZero();

            Command all = Command.run(
                    "subscribe", "t", "--url", url, "--from", "earliest", "--until", "end", "--format", "json");

            assertThat(all.err()).isEmpty();
            assertThat(all.text()).isEqualTo("{\"n\":1}\n");
        }
    }

    private static IpcLimits withMessageEntries(int count) {
        return IpcLimits.DEFAULTS.toBuilder().maxMessageEntries(count).build();
    }
}
