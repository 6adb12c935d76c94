package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CutLogTest {
    private final List<String> lines = new ArrayList<>();
    private long nanos;
    private final CutLog log = new CutLog(() -> nanos, lines::add);

    private void cut(int count) {
        for (int i = 0; i < count; i++) {
            log.onCut("peer", ErrorCode.TOO_SLOW, "it waits");
        }
    }

    @Test
    void saysWhoIsCut() {
        cut(1);

        assertThat(lines).containsExactly("peer cut: TOO_SLOW: it waits");
    }

    @Test
    void saysOnlyHowManyWhereManyAreCutAtOnce() {
        cut(1_000);
        assertThat(lines).hasSize(CutLog.LINES_PER_SECOND);

        nanos += TimeUnit.SECONDS.toNanos(1);
        cut(2);
        assertThat(lines)
                .hasSize(CutLog.LINES_PER_SECOND + 2)
                .endsWith("peer cut: TOO_SLOW: it waits; and 990 more before", "peer cut: TOO_SLOW: it waits");
    }
}
