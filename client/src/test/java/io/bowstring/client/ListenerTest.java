package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.batch;
import static io.bowstring.client.SubscriptionRig.next;
import static io.bowstring.client.SubscriptionRig.schema;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is told of connections, and what he may do then. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class ListenerTest {
    private static ClientListener acting(Runnable action) {
        return new ClientListener() {
            @Override
            public void onLost(String connection, ClientException reason, Duration retryIn) {
                action.run();
            }

            @Override
            public void onRestored(String connection) {
                action.run();
            }

            @Override
            public void onNewLog(String connection, String log) {
                action.run();
            }
        };
    }

    /** Loses a connection, restores it, and begins a new log. */
    private static void happen(SubscriptionRig rig, Subscription subscription) throws Exception {
        rig.accept("earliest").send(schema("log", 0), batch(0)).close();
        rig.accept("1").send(schema("other", 1));
        rig.accept("earliest").send(schema("other", 0), batch(0));
        assertThat(next(subscription)).isEqualTo("batch 0");
        assertThat(next(subscription)).isEqualTo("batch 0");
    }

    @Test
    void isToldOnceOfEachEvent() throws Exception {
        try (SubscriptionRig rig = new SubscriptionRig();
                Subscription subscription = rig.client.subscribe(ALL)) {
            happen(rig, subscription);

            assertThat(rig.listener.events()).hasSize(3);
            assertThat(rig.listener.events().get(0)).startsWith("subscription to trades lost, 1 ms: ");
            assertThat(rig.listener.events().subList(1, 3))
                    .containsExactlyInAnyOrder(
                            "subscription to trades restored", "subscription to trades has log other");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void disturbsNothingWhereItThrows(boolean isError) throws Exception {
        ClientListener throwing = acting(() -> {
            if (isError) {
                throw new AssertionError("as wanted");
            }
            throw new IllegalStateException("as wanted");
        });
        try (SubscriptionRig rig = new SubscriptionRig(config -> config.withListener(throwing));
                Subscription subscription = rig.client.subscribe(ALL)) {
            happen(rig, subscription);
        }
    }

    @Test
    void mayCloseWhatItIsToldOf() throws Exception {
        AtomicReference<Subscription> subscription = new AtomicReference<>();
        ClientListener closing = acting(() -> subscription.get().close());
        try (SubscriptionRig rig = new SubscriptionRig(config -> config.withListener(closing))) {
            subscription.set(rig.client.subscribe(ALL));
            rig.accept("earliest").reset();
            rig.client.close();
            assertThat(rig.server.waiting()).isZero();
        }
    }

    @Test
    void mayHearOfNothing() throws Exception {
        try (SubscriptionRig rig = new SubscriptionRig(config -> config.withListener(new ClientListener() {}));
                Subscription subscription = rig.client.subscribe(ALL)) {
            happen(rig, subscription);
        }
    }

    @Test
    void logsUnlessThereIsAnother() {
        assertThat(ClientConfig.of("bowstring://localhost").listener()).isSameAs(ClientListener.logging());
        ClientListener.logging().onLost("it", new ClientException("why"), Duration.ZERO);
        ClientListener.logging().onRestored("it");
        ClientListener.logging().onNewLog("it", "log");
    }
}
