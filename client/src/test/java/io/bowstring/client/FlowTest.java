package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.request;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** A topic as a Flux of Reactor's. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class FlowTest {
    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close(); // throws where a batch has not been closed
    }

    private Flux<ReceivedBatch> flux(EndPosition until) {
        return JdkFlowAdapter.flowPublisherToFlux(rig.client.flow(request(until, LagPolicy.DISCONNECT)));
    }

    private static long closed(ReceivedBatch batch) {
        try (batch) {
            return batch.offset();
        }
    }

    @Test
    void givesEachSubscriberTheWholeStream() throws Exception {
        Flux<Long> offsets = flux(EndPosition.END).map(FlowTest::closed);
        for (int i = 0; i < 2; i++) {
            CompletableFuture<List<Long>> all = offsets.collectList().toFuture();
            rig.server.accept().send(schema("log", 0), batch(0), batch(1), batch(2), IpcEndOfStream.INSTANCE);

            assertThat(all.get()).containsExactly(0L, 1L, 2L);
        }
    }

    @Test
    void isCancelledByWhoHasEnough() throws Exception {
        CompletableFuture<List<Long>> two = flux(EndPosition.LIVE)
                .publishOn(Schedulers.boundedElastic(), 8)
                .map(FlowTest::closed)
                .take(2)
                .doOnDiscard(ReceivedBatch.class, ReceivedBatch::close)
                .collectList()
                .toFuture();
        Peer peer = rig.accept("earliest").send(schema("log", 0), batch(0), batch(1), batch(2), batch(3));

        assertThat(two.get()).containsExactly(0L, 1L);
        assertThat(peer.received()).isIn(Peer.CLOSED, Peer.RESET);
        Threads.await(() -> rig.client.allocator().getAllocatedMemory() == 0); // by another thread
    }

    @Test
    void failsAsASubscriptionDoes() throws Exception {
        CompletableFuture<List<Long>> all =
                flux(EndPosition.LIVE).map(FlowTest::closed).collectList().toFuture();
        rig.accept("earliest").send(SubscriptionRig.refusal("BAD_REQUEST"), IpcEndOfStream.INSTANCE);

        assertThatThrownBy(all::get)
                .cause()
                .isInstanceOf(RefusedException.class)
                .hasMessage("BAD_REQUEST: as said");
    }

    @Test
    void endsWithItsClient() throws Exception {
        CompletableFuture<List<Long>> all =
                flux(EndPosition.LIVE).map(FlowTest::closed).collectList().toFuture();
        rig.accept("earliest").send(schema("log", 0), batch(0));

        rig.client.close();

        assertThatThrownBy(() -> all.get(10, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(ClientException.class)
                .hasMessage("the client has been closed");
    }

    @Test
    void needsASubscriber() {
        assertThatThrownBy(() -> rig.client.flow(ALL).subscribe(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> rig.client.subscribe(ALL, null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void saysThatTheClientHasBeenClosed() throws Exception {
        rig.client.close();
        RecordingSubscriber subscriber = new RecordingSubscriber(1);

        rig.client.flow(ALL).subscribe(subscriber);

        assertThat(subscriber.event()).isEqualTo("subscribed");
        assertThat(subscriber.event()).isEqualTo("error ClientException: the client has been closed");
    }
}
