package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
@Timeout(300)
class KafkaRelayTest {
    private static final int APPENDS = 30;

    @TempDir
    private Path folder;

    private KafkaRelay relay;
    private KafkaParties parties;

    @BeforeEach
    void start() throws Exception {
        relay = KafkaRelay.start(folder);
        parties = new KafkaParties(relay.port());
    }

    @AfterEach
    void close() {
        parties.close();
        relay.close();
    }

    /** The broker's log of itself is synced too, but seldom. */
    @Test
    void eachAppendIsSyncedBeforeItIsAcknowledged() throws Exception {
        try (Publishing publisher = parties.publish(Turn.fast(Shape.of(1 << 10, 1), APPENDS), 0)) {
            long before = syncs();
            for (int i = 1; i <= APPENDS; i++) {
                publisher.send(1);
                publisher.finish();
                assertThat(syncs() - before).isGreaterThanOrEqualTo(i);
            }
        }
    }

    @Test
    void aBatchThatIsRefusedFailsItsPublisher() throws Exception {
        try (Publishing publisher = parties.publish(Turn.fast(Shape.of(32 << 20, 1), 1), 0)) {
            publisher.send(1);

            assertThatThrownBy(publisher::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("RecordTooLargeException");
        }
    }

    /** Returns how often the broker has synced a log, by its own count. */
    private static long syncs() throws Exception {
        ObjectName name = new ObjectName("kafka.log:type=LogFlushStats,name=LogFlushRateAndTimeMs");
        return (Long) ManagementFactory.getPlatformMBeanServer().getAttribute(name, "Count");
    }
}
