package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class LogEntryTest {
    private static LogEntry entry() {
        StreamHead head = new StreamHead();
        LogEntry entry = new LogEntry(
                new BatchPosition(0, 0, 0), Messages.batch(0, UnpooledByteBufAllocator.DEFAULT), head, 0, 0);
        head.release();
        return entry;
    }

    @Test
    void leadsOnWhileItIsRetained() {
        LogEntry entry = entry();
        LogPlace after = entry.after();
        entry.tryRetain();
        entry.release();

        assertThat(entry.after()).isSameAs(after);
        entry.release();
    }

    /** Else all that comes later could be reached from it: no collection of young objects would free any of that. */
    @Test
    void leadsNowhereWhenItIsFree() {
        LogEntry entry = entry();

        entry.release();

        assertThat(entry.tryRetain()).isFalse();
        assertThatNullPointerException().isThrownBy(entry::after);
    }
}
