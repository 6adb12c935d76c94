package io.bowstring.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.LocalSubscriber;
import io.bowstring.codec.LeakDetection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class EmbeddedBrokerTest {
    @Test
    void sharesTopicsWithStockClients() throws Exception {
        AtomicReference<EmbeddedBroker> embedded = new AtomicReference<>();
        BlockingQueue<Long> received = new LinkedBlockingQueue<>();
        try (RunningExample server = new RunningExample(loops -> {
            embedded.set(new EmbeddedBroker(loops));
            return embedded.get().bind(0);
        })) {
            LocalSubscriber subscriber = embedded.get().subscribe(received::add);
            assertThat(embedded.get().publish(7, 8).toCompletableFuture().get(20, TimeUnit.SECONDS))
                    .isZero();
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(7);
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(8);

            try (ArrowClient client = new ArrowClient(server.address());
                    BufferAllocator allocator = new RootAllocator()) {
                client.send(ArrowClient.request(Map.of(
                        "bowstring.subscribe", "ticks", "bowstring.from", "earliest", "bowstring.until", "end")));
                try (ArrowStreamReader reader =
                        new ArrowStreamReader(client.socket().getInputStream(), allocator)) {
                    assertThat(reader.loadNextBatch()).isTrue();
                    BigIntVector ticks =
                            (BigIntVector) reader.getVectorSchemaRoot().getVector("tick");
                    assertThat(List.of(ticks.get(0), ticks.get(1))).containsExactly(7L, 8L);
                    assertThat(reader.loadNextBatch()).isFalse();
                }
            }
            embedded.get().close().toCompletableFuture().get(20, TimeUnit.SECONDS);
            subscriber.end().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
