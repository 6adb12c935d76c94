package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class RehearsalTest {
    @Test
    void everyLineOfItSucceeds() throws Exception {
        try (Server server = Server.start(ServerConfig.load(null, Map.of(), Map.of("port", "0")))) {
            assertThat(new Rehearsal("bowstring://127.0.0.1:" + server.address().getPort()).run())
                    .isZero();
        }
    }
}
