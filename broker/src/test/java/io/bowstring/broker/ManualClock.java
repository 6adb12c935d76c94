package io.bowstring.broker;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** A clock that stands until the test sets it. Confined to the test's thread. */
final class ManualClock implements InstantSource {
    private Instant now = Instant.EPOCH;

    void setMicros(long micros) {
        now = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    @Override
    public Instant instant() {
        return now;
    }
}
