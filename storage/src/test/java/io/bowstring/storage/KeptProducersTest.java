package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.DurableLog.KeptProducer;
import io.bowstring.protocol.ProducerId;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptProducersTest {
    private final KeptProducers producers = new KeptProducers();

    private void add(String id, long offset) {
        producers.parse(new ProducerId(id).digest() + ":7:" + offset);
    }

    private List<Long> offsets() {
        return producers.all().stream().map(KeptProducer::lastOffset).toList();
    }

    @Test
    void keepsWhoMayComeBackBeforeThoseThatWillNot() {
        add("feed", 1);
        for (int i = 0; i < KeptProducers.MAX + 1; i++) {
            add("once." + i, 2 + i);
        }

        assertThat(offsets()).hasSize(KeptProducers.MAX).contains(1L).doesNotContain(2L, 3L);

        KeptProducers read = new KeptProducers();
        read.parse(producers.toString());
        assertThat(read.all()).isEqualTo(producers.all());
    }

    @Test
    void keepsThoseThatHavePublishedLast() {
        for (int i = 0; i < KeptProducers.MAX; i++) {
            add("feed" + i, i);
        }
        add("feed0", 5_000);
        add("another", 5_001);

        assertThat(offsets())
                .hasSize(KeptProducers.MAX)
                .contains(5_000L, 5_001L)
                .doesNotContain(1L);
    }
}
