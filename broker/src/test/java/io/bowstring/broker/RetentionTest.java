package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.TopicName;
import io.bowstring.protocol.TopicStatus;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Windows that are bounded by batches and by age: three batches, ten seconds; topics by name have others. */
class RetentionTest {
    private static final TopicConfig THREE_AND_TEN =
            TopicConfig.DEFAULTS.withWindowBatches(3).withWindowAge(Duration.ofSeconds(10));

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(BrokerConfig.DEFAULTS
            .withTopic(THREE_AND_TEN)
            .withOverrides(List.of(override("long.*", 5, null), override("long.ever*", null, Duration.ZERO))));

    private final FakePublisher publisher = rig.publish("t");

    private static TopicOverride override(String pattern, @Nullable Integer batches, @Nullable Duration age) {
        DurableOverride durable = new DurableOverride(null, null, null, null);
        return new TopicOverride(new TopicPattern(pattern), null, batches, age, durable);
    }

    @Test
    void holdsSoManyBatches() {
        publisher.send(0, 1, 2, 3, 4);

        assertThat(rig.held("t")).containsExactly("start 2", "batch 2 = 2", "batch 3 = 3", "batch 4 = 4", "complete");
    }

    @Test
    void holdsAsManyAsTheOverridesOfTheTopicSay() {
        rig.publish("long.er").send(0, 1, 2, 3, 4, 5);
        rig.publish("long.ever").send(0, 1, 2, 3, 4, 5);
        rig.run();
        rig.topicLoop.advance(Duration.ofDays(1));
        rig.run();

        assertThat(rig.list("long.er").get(0).batches()).isZero();
        assertThat(rig.list("long.ever").get(0).batches()).isEqualTo(5);
    }

    @Test
    void findsEveryOffsetOfALogThatHasGrownAndMoved() {
        BrokerRig roomy = new BrokerRig(BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowBatches(50)));
        FakePublisher many = roomy.publish("t");
        for (int i = 0; i < 120; i++) {
            many.send(i);
        }
        roomy.run();

        for (int from = 70; from < 120; from++) {
            FakeSink sink = roomy.subscribe("t", Integer.toString(from), Integer.toString(from + 1), "disconnect");
            roomy.run();
            assertThat(sink.lines).containsExactly("start " + from, "batch " + from + " = " + from, "complete");
        }
        FakeSink next = roomy.subscribe("t", "120");
        roomy.run();
        many.send(7);
        roomy.run();
        assertThat(next.lines).containsExactly("start 120", "flush", "batch 120 = 7", "flush");
        roomy.close();
    }

    @Test
    void evictsWhatHasComeOfAgeAndReleasesIt() {
        rig.run();
        long before = rig.allocator.usedBytes();
        publisher.send(0);
        rig.run();
        pass(4);
        publisher.send(1);
        rig.run();

        pass(5);
        assertThat(status().firstOffset()).isZero();
        pass(1);
        assertThat(status()).returns(1L, TopicStatus::firstOffset).returns(1L, TopicStatus::batches);

        pass(4);
        assertThat(status())
                .returns(2L, TopicStatus::firstOffset)
                .returns(0L, TopicStatus::batches)
                .returns(0L, TopicStatus::rows)
                .returns(0L, TopicStatus::bytes);
        assertThat(rig.allocator.usedBytes()).isEqualTo(before);
    }

    @Test
    void refusesOffsetThatHasComeOfAge() {
        publisher.send(0, 1);
        rig.run();
        pass(10);

        FakeSink old = rig.subscribe("t", "1");
        FakeSink next = rig.subscribe("t", "2");
        publisher.send(2);
        rig.run();

        assertThat(old.lines).containsExactly("refuse OFFSET_EXPIRED");
        assertThat(next.lines).containsExactly("start 2", "batch 2 = 2", "flush");
    }

    @Test
    void expiresNothingWhereTheMachinesClockJumps() {
        publisher.send(0);
        rig.run();

        rig.clock.setMicros(Duration.ofDays(365).toNanos() / 1_000);
        publisher.send(1);
        rig.run();
        pass(9);
        assertThat(status().batches()).isEqualTo(2);

        rig.clock.setMicros(0);
        pass(1);
        assertThat(status().batches()).isZero();
    }

    @Test
    void hasOneTimerWhileThereAreBatchesAndNoneElse() {
        rig.run();
        assertThat(rig.topicLoop.timers()).isZero();

        publisher.send(0);
        rig.run();
        pass(5);
        publisher.send(1, 2, 3, 4, 5); // the first of them is not even there any more when the timer comes
        rig.run();
        assertThat(rig.topicLoop.timers()).isOne();
        pass(5);
        assertThat(rig.topicLoop.timers()).isOne();
        assertThat(status().batches()).isEqualTo(3);

        pass(5);
        assertThat(status().batches()).isZero();
        assertThat(rig.topicLoop.timers()).isZero();

        publisher.send(6);
        rig.run();
        assertThat(rig.topicLoop.timers()).isOne();
    }

    @Test
    void hasNoTimerWhereAgeDoesNotMatter() {
        rig.publish("long.ever").send(0);
        rig.run();

        assertThat(rig.topicLoop.timers()).isZero();
    }

    @Test
    void setsNoTimerForEachOfManyBatches() {
        publisher.send(0);
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(1));
        publisher.send(1);
        rig.run();
        pass(9);

        rig.topicLoop.advance(Duration.ofMillis(999)); // the first is due
        rig.run();
        rig.topicLoop.advance(Duration.ofMillis(9)); // the second, too, but its timer is not
        rig.run();
        assertThat(status().batches()).isOne();
        rig.topicLoop.advance(Duration.ofMillis(1));
        rig.run();
        assertThat(status().batches()).isZero();
    }

    @Test
    void stopsTheTimerAtItsEnd() {
        BrokerRig other = new BrokerRig(BrokerConfig.DEFAULTS.withTopic(THREE_AND_TEN));
        other.publish("t").send(0);
        other.run();
        other.close();

        assertThat(other.topicLoop.timers()).isZero();
    }

    @Test
    void keepsWhatASubscriptionHoldsUntilItMovesOn() {
        FakeSink sink = stalled("block");
        publisher.send(1, 2);
        rig.run();

        pass(20);
        assertThat(status().batches()).isEqualTo(2);
        assertThat(rig.topicLoop.timers()).isZero();

        sink.grant(1);
        rig.run();
        assertThat(status()).returns(1L, TopicStatus::batches).returns(2L, TopicStatus::firstOffset);
        sink.grant(1);
        rig.run();
        assertThat(status().batches()).isZero();
        assertThat(sink.lines).containsExactly("batch 1 = 1", "flush", "batch 2 = 2", "flush");
    }

    @Test
    void keepsWhatASubscriptionHoldsUntilItIsGone() {
        FakeSink sink = stalled("block");
        publisher.send(1, 2);
        rig.run();
        pass(20);

        sink.cancel();
        rig.run();

        assertThat(status().batches()).isZero();
    }

    @Test
    void cutsAtOnceWhoFallsOutByAge() {
        FakeSink sink = stalled("disconnect");
        publisher.send(1);
        rig.run();

        pass(10);

        assertThat(sink.lines).containsExactly("cut LAGGED");
    }

    @Test
    void matchesPatterns() {
        for (String pattern : List.of("*", "a*", "*c", "a*c", "a.b.c", "*a*b*c*", "a.*.c", "**", "a.b.c*", "*.*.*")) {
            assertThat(new TopicPattern(pattern).matches(new TopicName("a.b.c")))
                    .as(pattern)
                    .isTrue();
        }
        for (String pattern : List.of("a", "b*", "*b", "a*d", "a.b.cc", "*c*b*", "a.b.c*c", "*.*.*.*", "A.B.C")) {
            assertThat(new TopicPattern(pattern).matches(new TopicName("a.b.c")))
                    .as(pattern)
                    .isFalse();
        }
    }

    @Test
    void matchesLongNamesInNoTime() {
        TopicName name = new TopicName("a".repeat(249));

        assertThat(new TopicPattern("*a".repeat(124)).matches(name)).isTrue();
        assertThat(new TopicPattern("*a".repeat(124) + "b").matches(name)).isFalse();
    }

    private void pass(int seconds) {
        rig.topicLoop.advance(Duration.ofSeconds(seconds));
        rig.run();
    }

    /** Returns a subscription whose sink has taken batch 0, which is gone, and takes no more. */
    private FakeSink stalled(String onLag) {
        FakeSink sink = new FakeSink(rig.sinkLoop);
        sink.credit = 1;
        rig.subscribe("t", "latest", "live", onLag, sink);
        publisher.send(0);
        rig.run();
        pass(10);
        assertThat(sink.take()).containsExactly("start 0", "batch 0 = 0", "flush");
        return sink;
    }

    private TopicStatus status() {
        return rig.list("t").get(0);
    }
}
