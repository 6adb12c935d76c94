package io.bowstring.cli;

import io.bowstring.client.TimeoutConfig;
import java.time.Duration;

/** The command, whose client waits for acknowledgements for one second, not for 30, when it is closed. Not instantiable. */
final class ImpatientBowstring {
    private ImpatientBowstring() {}

    public static void main(String[] args) {
        TimeoutConfig timeouts = TimeoutConfig.DEFAULTS.withClose(Duration.ofSeconds(1));
        System.exit(Bowstring.run(StandardStreams.ofProcess(), System.getenv(), timeouts, args));
    }
}
