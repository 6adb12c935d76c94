package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A count for each {@link Counter}. Thread-safe: any thread counts and reads, without locks; what is counted while
 * somebody reads is seen or is not.
 */
public final class Counters {
    // Both are as they are from the start on: only what they hold changes.
    private final Map<Counter, LongAdder> counts = new EnumMap<>(Counter.class);
    private final Map<Counter, Map<ErrorCode, LongAdder>> countsByCode = new EnumMap<>(Counter.class);

    /** Creates counters that are all 0. */
    public Counters() {
        for (Counter counter : Counter.values()) {
            if (counter.isByErrorCode()) {
                Map<ErrorCode, LongAdder> byCode = new EnumMap<>(ErrorCode.class);
                for (ErrorCode code : ErrorCode.values()) {
                    byCode.put(code, new LongAdder());
                }
                countsByCode.put(counter, byCode);
            } else {
                counts.put(counter, new LongAdder());
            }
        }
    }

    /** Returns a count; the sum over all codes where it is by error code. */
    public long value(Counter counter) {
        Map<ErrorCode, LongAdder> byCode = countsByCode.get(counter);
        return byCode == null
                ? adder(counter).sum()
                : byCode.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Returns the count for an error code of a counter that {@linkplain Counter#isByErrorCode() has them}. */
    public long value(Counter counter, ErrorCode code) {
        return adder(counter, code).sum();
    }

    /** Counts one, for a front end; the counter is not by error code. */
    public void increment(Counter counter) {
        adder(counter).increment();
    }

    /** Counts some, for a front end; the counter is not by error code. */
    public void add(Counter counter, long count) {
        adder(counter).add(count);
    }

    /** Counts one, for a front end; the counter is by error code. */
    public void increment(Counter counter, ErrorCode code) {
        adder(counter, code).increment();
    }

    private LongAdder adder(Counter counter) {
        return require(counts.get(counter), counter, "an error code with it");
    }

    private LongAdder adder(Counter counter, ErrorCode code) {
        Map<ErrorCode, LongAdder> byCode = require(countsByCode.get(counter), counter, "no error code with it");
        return Objects.requireNonNull(byCode.get(code));
    }

    private static <T> T require(@Nullable T found, Counter counter, String rule) {
        if (found == null) {
            throw new IllegalArgumentException("counter: " + counter + " (expected: " + rule + ")");
        }
        return found;
    }
}
