package io.bowstring.bench.peers;

import java.lang.management.ManagementFactory;
import java.util.List;

/** Which flags of this JVM a relay gets. */
enum FlagsOfRelay {
    NONE,
    /** Arrow's memory does without these no more than in this process. */
    OPENED_MODULES;

    List<String> list() {
        return switch (this) {
            case NONE -> List.of();
            case OPENED_MODULES ->
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(argument -> argument.startsWith("--"))
                        .toList();
        };
    }
}
