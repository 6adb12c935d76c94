package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogLayoutTest {
    private final Logger logger = new LoggerContext().getLogger("io.bowstring.server.PeerLog");

    private String line(Level level, String message, @Nullable Throwable thrown) {
        return new LogLayout().doLayout(new LoggingEvent("", logger, level, message, thrown, null));
    }

    @Test
    void writesTimeLevelAndTheShortNameOfTheLogger() {
        assertThat(line(Level.WARN, "refused", null)).matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  PeerLog: refused\n");
        assertThat(line(Level.ERROR, "failed", null)).contains(" ERROR PeerLog: failed");
    }

    @Test
    void writesNothingThatATerminalObeys() {
        assertThat(line(Level.INFO, "a\u001b[31m\nb\u202e", null)).endsWith(": a·[31m·b·\n");
    }

    @Test
    void writesTheStackOfWhatWasThrownInLinesOfItsOwn() {
        String text = line(Level.ERROR, "failed", new IllegalStateException("a\u001bb"));

        assertThat(text.lines().skip(1)).first().asString().isEqualTo("java.lang.IllegalStateException: a·b");
        assertThat(text.lines().skip(2)).allMatch(line -> line.startsWith("    "));
    }
}
