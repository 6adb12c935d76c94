package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a subscription starts that wants what came since a time, in a log of many blocks: small batches and large ones. */
class StartTimeTest {
    private static final int BATCHES = 500;

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(256 << 10, 10, 1 << 20, 1 << 20, 10));

    @Test
    void findsTheFirstBatchSinceAnyTime() {
        FakePublisher publisher = rig.publish("t");
        Random random = new Random(1);
        List<Long> times = new ArrayList<>();
        long micros = 1_000_000;
        for (int i = 0; i < BATCHES; i++) {
            micros += random.nextInt(3);
            rig.clock.setMicros(micros);
            times.add(micros);
            if (random.nextInt(8) == 0) {
                publisher.send(Messages.longBatch(1000, i, rig.allocator));
            } else {
                publisher.send(i);
            }
            rig.run();
        }
        long first = rig.list("").get(0).firstOffset();
        assertThat(first).isBetween(1L, BATCHES - 20L);

        for (long time = times.get(0) - 1; time <= micros + 1; time++) {
            long wanted = time;
            long earlier = times.stream().filter(each -> each < wanted).count();
            assertThat(start(time)).as("%d", time).isEqualTo("start " + Math.max(first, earlier));
        }
    }

    /** Returns where what came since a time begins. */
    private String start(long micros) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        StartPosition from = new StartPosition(StartPosition.Kind.TIME, micros);
        sink.setSubscription(rig.broker.subscribe(
                new SubscribeRequest(new TopicName("t"), from, EndPosition.END, LagPolicy.DISCONNECT, null), sink));
        rig.run();
        return sink.lines.get(0);
    }
}
