package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CountersTest {
    private final Counters counters = new Counters();

    @Test
    void beginWithZero() {
        for (Counter counter : Counter.values()) {
            assertThat(counters.value(counter)).as(counter.key()).isZero();
        }
    }

    @Test
    void countApart() {
        counters.increment(Counter.CONNECTIONS_OPENED);
        counters.add(Counter.CONNECTIONS_OPENED, 4);
        counters.increment(Counter.REQUESTS_REFUSED, ErrorCode.BAD_REQUEST);
        counters.increment(Counter.REQUESTS_REFUSED, ErrorCode.INTERNAL);
        counters.increment(Counter.REQUESTS_REFUSED, ErrorCode.INTERNAL);

        assertThat(counters.value(Counter.CONNECTIONS_OPENED)).isEqualTo(5);
        assertThat(counters.value(Counter.CONNECTIONS_CLOSED)).isZero();
        assertThat(counters.value(Counter.REQUESTS_REFUSED)).isEqualTo(3);
        assertThat(counters.value(Counter.REQUESTS_REFUSED, ErrorCode.INTERNAL)).isEqualTo(2);
        assertThat(counters.value(Counter.REPLIES_CUT, ErrorCode.INTERNAL)).isZero();
    }

    @Test
    void loseNothingThatSeveralThreadsCount() {
        List<CompletableFuture<Void>> threads = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    for (int n = 0; n < 10_000; n++) {
                        counters.increment(Counter.CONNECTIONS_OPENED);
                    }
                }))
                .toList();
        threads.forEach(CompletableFuture::join);

        assertThat(counters.value(Counter.CONNECTIONS_OPENED)).isEqualTo(40_000);
    }

    @Test
    void haveErrorCodesOnlyWhereTheCounterHas() {
        assertThatThrownBy(() -> counters.increment(Counter.REPLIES_CUT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counter: REPLIES_CUT (expected: an error code with it)");
        assertThatThrownBy(() -> counters.value(Counter.CONNECTIONS_OPENED, ErrorCode.INTERNAL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counter: CONNECTIONS_OPENED (expected: no error code with it)");
    }

    @Test
    void areDocumentedInTheirOrder() throws IOException {
        Path document = Path.of(System.getProperty("bowstring.root"), "docs/reference/counters.md");
        List<String> rows = Files.readAllLines(document).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(Arrays.stream(Counter.values())
                        .map(counter -> String.format(
                                "| `%s` | %s | %s | %s |",
                                counter.key(), counter.unit(), counter.isByErrorCode() ? "yes" : "no", counter.help()))
                        .toList());
    }
}
