package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.protocol.ErrorCode;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StepsTest {
    private final ManualExecutor executor = new ManualExecutor();
    private final AtomicInteger runs = new AtomicInteger();

    private static void full() {
        throw new RejectedExecutionException("full");
    }

    @Test
    void runsATaskLaterWhereTheExecutorIsFull() throws InterruptedException {
        executor.failOnce(StepsTest::full);

        Steps.execute(executor, runs::incrementAndGet);

        executor.awaitTask();
        executor.runAll();
        assertThat(runs).hasValue(1);
    }

    @Test
    void tellsOfAFaultLaterWhereTheExecutorIsFull() throws InterruptedException {
        executor.failOnce(StepsTest::full);
        IllegalStateException fault = new IllegalStateException("fault");

        assertThat(Steps.reason(executor, fault).code()).isEqualTo(ErrorCode.INTERNAL);

        executor.awaitTask();
        assertThatThrownBy(executor::runAll).isSameAs(fault);
    }

    @Test
    void runsATaskAfterTheEndOfItsExecutor() throws InterruptedException {
        DefaultEventExecutor ended = new DefaultEventExecutor();
        ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        CountDownLatch run = new CountDownLatch(1);

        Steps.execute(ended, run::countDown);

        assertThat(run.await(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void wakesUpAgainAfterTheExecutorWasFull() {
        WakeUp wakeUp = new WakeUp(executor, runs::incrementAndGet);
        executor.failOnce(StepsTest::full);
        assertThatThrownBy(wakeUp::ask).isInstanceOf(RejectedExecutionException.class);

        wakeUp.ask();
        wakeUp.ask();

        assertThat(executor.runAll()).isOne();
        assertThat(runs).hasValue(1);
    }
}
