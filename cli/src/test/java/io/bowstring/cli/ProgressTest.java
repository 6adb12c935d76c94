package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final StringWriter err = new StringWriter();
    private long nowNanos;

    private Progress progress(boolean isTerminal) {
        return new Progress(new PrintWriter(err), isTerminal, () -> nowNanos);
    }

    @Test
    void writesTheLineAtMostFiveTimesPerSecond() {
        Progress progress = progress(true);
        for (int i = 0; i < 1_000; i++) {
            nowNanos += TimeUnit.MILLISECONDS.toNanos(1);
            progress.add(10, 100);
        }

        assertThat(err.toString().chars().filter(c -> c == '\r').count()).isEqualTo(5);
    }

    @Test
    void staysSilentWithoutTerminal() {
        Progress progress = progress(false);
        nowNanos += TimeUnit.SECONDS.toNanos(10);
        progress.add(10, 100);
        progress.clear();

        assertThat(err.toString()).isEmpty();
    }

    @Test
    void sumsUp() {
        Progress progress = progress(false);
        nowNanos += TimeUnit.SECONDS.toNanos(2);
        progress.add(1_000, 3 << 20);
        progress.add(500, 1 << 20);

        assertThat(progress.summary()).isEqualTo("2 batches, 1,500 rows, 4.0 MiB in 2.0 s, 2.0 MiB/s");
    }
}
