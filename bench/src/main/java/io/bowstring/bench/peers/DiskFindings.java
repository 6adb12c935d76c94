package io.bowstring.bench.peers;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the results of the parts that measure durable topics alone: replay and recovery. Confined to the caller's thread.
 *
 * @param replay null where it was not measured
 * @param recovery null where it was not measured
 * @param failures of those that were to be measured
 */
record DiskFindings(
        @Nullable ReplayFindings replay, @Nullable RecoveryFindings recovery, List<Failure> failures) {}
