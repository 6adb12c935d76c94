package io.bowstring.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Measures those parts that are of a durable topic alone. Confined to the caller's thread. */
final class DiskParts {
    private interface Measurement<T> {
        T run() throws Exception;
    }

    private final PeersConfig config;
    private final Consumer<String> progress;
    private final List<Failure> failures = new ArrayList<>();

    DiskParts(PeersConfig config, Consumer<String> progress) {
        this.config = config;
        this.progress = progress;
    }

    /** Measures what the configuration asks for. A part that fails has no result. */
    DiskFindings run() throws InterruptedException {
        ReplayFindings replay = measure(Part.REPLAY, () -> new ReplayPart(config).run());
        RecoveryFindings recovery = measure(Part.RECOVERY, () -> new RecoveryPart(config).run());
        return new DiskFindings(replay, recovery, failures);
    }

    private <T> @Nullable T measure(Part part, Measurement<T> measurement) throws InterruptedException {
        if (!config.parts().contains(part)) {
            return null;
        }
        progress.accept(Tables.name(part) + " of " + Sizes.mebibytes(config.storedBytes()));
        try {
            return measurement.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            Failure failure = Failure.of(Tables.name(part), FilledServer.SHAPE, e, List.of());
            failures.add(failure);
            progress.accept(failure.text());
            return null;
        }
    }
}
