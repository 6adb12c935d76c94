package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.DurableLog.KeptProducer;
import io.bowstring.protocol.ProducerId;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptProducersTest {
    private final KeptProducers producers = new KeptProducers(5_000);

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

        KeptProducers read = new KeptProducers(5_000);
        read.parse(producers.toString());
        assertThat(read.all()).isEqualTo(producers.all());
    }

    @Test
    void keepsNoMoreOfAKindThanTheTopicRemembers() {
        KeptProducers few = new KeptProducers(2);
        for (int i = 0; i < 4; i++) {
            few.parse(new ProducerId("feed" + i).digest() + ":7:" + i);
            few.parse(new ProducerId("once." + i).digest() + ":7:" + (10 + i));
        }
        few.parse(new ProducerId("feed2").digest() + ":8:20");

        assertThat(few.all()).extracting(KeptProducer::lastOffset).containsExactly(12L, 13L, 3L, 20L);
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
