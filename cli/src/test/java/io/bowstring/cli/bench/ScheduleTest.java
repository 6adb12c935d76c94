package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** By a clock that stands where the test puts it. Times are in milliseconds after the start. */
@Timeout(60)
class ScheduleTest {
    private static final long START_NANOS = TimeUnit.DAYS.toNanos(20_000);

    private long nowMillis;
    private boolean isStopped;

    private static BenchPlan plan(int publishers, double perSecond) {
        return new BenchPlan(
                new Parties(publishers, 1, 1),
                new BodySize(1_024),
                1,
                new TargetRate(perSecond, Duration.ofSeconds(4)),
                BenchTopics.ofOneRun());
    }

    private Schedule schedule(int publisher, BenchPlan plan) {
        Period period = Period.of(START_NANOS, plan.targetRate().duration());
        return Schedule.of(
                plan, publisher, period, () -> START_NANOS + TimeUnit.MILLISECONDS.toNanos(nowMillis), () -> isStopped);
    }

    private static long next(Schedule schedule) throws InterruptedException {
        long due = schedule.awaitNext();
        return due == Schedule.NEVER ? -1 : TimeUnit.NANOSECONDS.toMillis(due - START_NANOS);
    }

    @Test
    void whatWasDueWhileTheSenderWasHeldUpIsDueStill() throws InterruptedException {
        Schedule schedule = schedule(0, plan(1, 10));

        assertThat(next(schedule)).isZero();
        nowMillis = 350;
        assertThat(next(schedule)).isEqualTo(100);
        assertThat(next(schedule)).isEqualTo(200);
        assertThat(next(schedule)).isEqualTo(300);
    }

    @Test
    void publishersTakeTurns() throws InterruptedException {
        BenchPlan plan = plan(2, 10);
        Schedule first = schedule(0, plan);
        Schedule second = schedule(1, plan);
        nowMillis = 1_000;

        assertThat(next(first)).isZero();
        assertThat(next(second)).isEqualTo(100);
        assertThat(next(first)).isEqualTo(200);
        assertThat(next(second)).isEqualTo(300);
    }

    @Test
    void hasAsManyBatchesAsTheRateSaysHoweverLateTheyAre() throws InterruptedException {
        Schedule schedule = schedule(0, plan(1, 10));
        nowMillis = 6_000;
        int batches = 0;
        while (schedule.awaitNext() != Schedule.NEVER) {
            batches++;
        }

        assertThat(batches).isEqualTo(40);
    }

    @Test
    void givesUpTenSecondsAfterItsEnd() throws InterruptedException {
        Schedule schedule = schedule(0, plan(1, 10));
        nowMillis = 14_000;

        assertThat(next(schedule)).isEqualTo(-1);
    }

    @Test
    void withoutRateABatchIsDueWhenItsPublisherIsReady() throws InterruptedException {
        Schedule schedule = schedule(0, plan(1, Double.POSITIVE_INFINITY));

        assertThat(next(schedule)).isZero();
        assertThat(next(schedule)).isZero();
        nowMillis = 1_234;
        assertThat(next(schedule)).isEqualTo(1_234);
        nowMillis = 4_000;
        assertThat(next(schedule)).isEqualTo(-1);
    }

    @Test
    void endsWhenItIsStopped() throws InterruptedException {
        Schedule schedule = schedule(0, plan(1, 10));
        isStopped = true;
        nowMillis = -1_000;

        assertThat(next(schedule)).isEqualTo(-1);
    }
}
