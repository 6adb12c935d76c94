package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class ContestTest {
    private static final Shape SMALL = Shape.of(1 << 10, 1);
    private static final Path FOLDER = Path.of("target");
    private static final Shape LARGE = Shape.of(64 << 10, 1);

    /** What a lane does wrong at the second length of bodies. */
    private enum Fault {
        NONE,
        LOSES_A_BATCH,
        REPEATS_A_BATCH,
        ENDS_EARLY,
        SENDS_ONE_MORE,
        THROWS,
        HANGS,
        DOES_NOT_START
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "HANGS"})
    void aLaneThatFailsIsLeftOutFromThenOnAndTheOthersFinish(Fault fault) throws Exception {
        Findings findings =
                run(60, EnumSet.allOf(Part.class), new FakeLane("GOOD", Fault.NONE), new FakeLane("BAD", fault));

        boolean isStarted = fault != Fault.DOES_NOT_START;
        Failure failure = findings.failures().get(0);
        assertThat(findings.failures()).hasSize(1);
        assertThat(failure.text())
                .startsWith("BAD failed "
                        + (isStarted ? "at 64 KiB, topics: 1, publishers: 1, subscribers: 1: " : "to start: "));
        assertThat(failure.log()).isEqualTo(isStarted ? List.of("last words") : List.of());
        for (Shape shape : List.of(SMALL, LARGE)) {
            assertThat(Findings.find(findings.throughput(), "GOOD", shape)
                            .orElseThrow()
                            .deliveriesPerSecond()
                            .quartiles()
                            .median())
                    .isPositive();
        }
        assertThat(Findings.find(findings.throughput(), "BAD", SMALL).isPresent())
                .isEqualTo(isStarted);
        assertThat(Findings.find(findings.throughput(), "BAD", LARGE)).isEmpty();
        assertThat(findings.delays())
                .extracting(delay -> delay.lane() + delay.shape().bodyBytes())
                .contains("GOOD1024", "GOOD65536")
                .doesNotContain("BAD65536");
        assertThat(findings.growth().get(Growth.SUBSCRIBERS))
                .extracting(Delivered::lane)
                .containsExactly("GOOD");
    }

    @Test
    void aLaneThatHangsIsLeftOut() throws Exception {
        Findings findings = run(0.2, EnumSet.of(Part.THROUGHPUT), new FakeLane("BAD", Fault.HANGS));

        assertThat(findings.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.reason()).contains("TimeoutException: 1 parties wait "));
    }

    @Test
    void whatWasMeasuredIsNotMeasuredAgainWhereSomethingGrows() throws Exception {
        Findings findings = run(60, EnumSet.allOf(Part.class), new FakeLane("GOOD", Fault.NONE));

        Delivered known = Findings.find(findings.throughput(), "GOOD", LARGE).orElseThrow();
        for (Growth kind : Growth.values()) {
            assertThat(findings.growth().get(kind)).singleElement().isSameAs(known);
        }
    }

    private static Findings run(double patienceSeconds, Set<Part> parts, Lane... lanes) throws Exception {
        PeersConfig config =
                new PeersConfig(parts, 2, List.of(1 << 10, 64 << 10), List.of(1), 0.01, 1, FOLDER, 1 << 20);
        Programs programs = new Programs(Map.of());
        try (Contest contest = new Contest(config, List.of(lanes), programs, patienceSeconds, line -> {})) {
            return contest.run();
        }
    }

    /** A lane without a relay: what is sent is received in this process, by one subscriber. */
    private record FakeLane(String name, Fault fault) implements Lane {
        @Override
        public @Nullable String missing(Programs programs) {
            return null;
        }

        @Override
        public String version(Programs programs) {
            return "1";
        }

        @Override
        public @Nullable String refusal(Shape shape) {
            return null;
        }

        @Override
        public RelayProcess start(Programs programs, Path folder) throws IOException {
            if (fault == Fault.DOES_NOT_START) {
                throw new IOException("no room");
            }
            return new FakeRelay();
        }

        @Override
        public Parties parties(RelayProcess relay) {
            return new FakeParties(fault);
        }
    }

    private static final class FakeRelay implements RelayProcess {
        @Override
        public int port() {
            return 1;
        }

        @Override
        public double cpuSeconds() {
            return 1;
        }

        @Override
        public List<String> log() {
            return List.of("last words");
        }

        @Override
        public void close() {}
    }

    private static final class FakeParties implements Parties {
        private final Semaphore sent = new Semaphore(0);
        private final Fault fault;

        FakeParties(Fault fault) {
            this.fault = fault;
        }

        @Override
        public Publishing publish(Turn turn, int topic) {
            return new Publishing() {
                @Override
                public void send(int batches) {
                    sent.release(batches);
                }

                @Override
                public void finish() {}

                @Override
                public void close() {}
            };
        }

        @Override
        public void receive(int topic, Receiving subscriber) throws InterruptedException {
            Turn turn = subscriber.turn();
            boolean isFaulty = turn.shape().equals(LARGE) && turn.count() > 1;
            subscriber.begun();
            for (int batch = 0; batch < turn.count(); batch++) {
                sent.acquire();
                if (isFaulty && batch == 1) {
                    if (fault == Fault.LOSES_A_BATCH) {
                        continue;
                    } else if (fault == Fault.REPEATS_A_BATCH) {
                        subscriber.batch(turn.bodyBytes(0));
                    } else if (fault == Fault.ENDS_EARLY) {
                        return;
                    } else if (fault == Fault.THROWS) {
                        throw new IllegalStateException("a fault");
                    } else if (fault == Fault.HANGS) {
                        new CountDownLatch(1).await();
                    }
                }
                subscriber.batch(turn.bodyBytes(batch));
            }
            if (isFaulty && fault == Fault.SENDS_ONE_MORE) {
                subscriber.batch(turn.bodyBytes(turn.count()));
            }
        }

        @Override
        public void close() {}
    }
}
