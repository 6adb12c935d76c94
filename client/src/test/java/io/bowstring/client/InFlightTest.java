package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InFlightTest {
    private final InFlight inFlight = new InFlight(100);

    /** Waits for room on a thread of its own; returns when it waits. */
    private FutureTask<String> awaitOnAnotherThread() {
        Callable<String> await = () -> {
            inFlight.awaitRoom();
            return "room";
        };
        FutureTask<String> waiting = new FutureTask<>(await);
        Threads.startAndAwaitBlocked(waiting);
        return waiting;
    }

    @Test
    void hasRoomForOneMoreBelowItsBound() throws Exception {
        inFlight.awaitRoom();
        inFlight.add(99);
        inFlight.awaitRoom();
        assertThat(inFlight.hasRoom()).isTrue();

        inFlight.add(1);

        assertThat(inFlight.hasRoom()).isFalse();
    }

    @Test
    void hasNoRoomUntilWhatIsInFlightIsBelowTheBoundAgain() {
        inFlight.add(150);
        assertThat(inFlight.hasRoom()).isFalse();

        inFlight.remove(50);
        assertThat(inFlight.hasRoom()).isFalse();

        inFlight.remove(1);
        assertThat(inFlight.hasRoom()).isTrue();
    }

    @Test
    void wakesAllWhoWaitWhenThereIsRoom() throws Exception {
        inFlight.add(100);
        FutureTask<String> one = awaitOnAnotherThread();
        FutureTask<String> two = awaitOnAnotherThread();

        inFlight.remove(1);

        assertThat(one.get()).isEqualTo("room");
        assertThat(two.get()).isEqualTo("room");
    }

    @Test
    void honoursInterruptionBeforeAndDuringTheWait() {
        inFlight.add(100);
        Thread.currentThread().interrupt();
        assertThatThrownBy(inFlight::awaitRoom).isInstanceOf(InterruptedException.class);

        FutureTask<Void> waiting = new FutureTask<>(() -> {
            inFlight.awaitRoom();
            return null;
        });
        Threads.startAndAwaitBlocked(waiting).interrupt();

        assertThatThrownBy(waiting::get).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void failsWhoWaitsAndWhoComesLaterWithTheFirstReason() {
        ClientException reason = new ClientException("the first");
        inFlight.add(100);
        FutureTask<String> waiting = awaitOnAnotherThread();

        inFlight.fail(reason);
        inFlight.fail(new ClientException("the second"));

        assertThatThrownBy(waiting::get).hasCause(reason);
        assertThatThrownBy(inFlight::awaitRoom).isSameAs(reason);
        assertThatThrownBy(inFlight::hasRoom).isSameAs(reason);
        assertThatThrownBy(() -> inFlight.add(1)).isSameAs(reason);
    }
}
