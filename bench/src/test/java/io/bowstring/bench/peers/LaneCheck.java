package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** The check that every lane must pass. Not instantiable. */
final class LaneCheck {
    private static final int PATIENCE_SECONDS = 120;

    private LaneCheck() {}

    /** Checks that a lane delivers what is published, in every shape that it does not refuse. */
    static void deliversWhatIsPublished(Lane lane, Programs programs, Path folder) throws Exception {
        assertThat(lane.missing(programs)).isNull();

        try (Contestant contestant = new Contestant(lane, programs, folder, PATIENCE_SECONDS)) {
            for (Shape shape : List.of(
                    Shape.of(64 << 10, 1),
                    Shape.of(1 << 10, 1),
                    Shape.of(1 << 10, 4),
                    Shape.of(1 << 20, 1),
                    new Shape(64 << 10, 3, 1, 2),
                    new Shape(64 << 10, 3, 2, 2),
                    Shape.of(9 << 20, 2))) { // which NATS splits
                if (lane.refusal(shape) == null) {
                    Turn turn = Turn.fast(shape, 5);
                    Took took = contestant.run(turn);
                    assertThat(took.deliveries()).isEqualTo(5L * shape.allPublishers() * shape.subscribers());
                    assertThat(took.bodyBytes()).isEqualTo(turn.expectedBodyBytes() * shape.allSubscribers());
                }
            }
            if (lane.isInMemory()) {
                Turn paced = Turn.paced(Shape.of(1 << 10, 2), 50, 10_000);
                contestant.run(paced);
                assertThat(paced.delayNanos().getTotalCount()).isEqualTo(100);
            }
        }
    }
}
