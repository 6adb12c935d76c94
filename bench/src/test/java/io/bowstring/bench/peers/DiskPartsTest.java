package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiskPartsTest {
    @Test
    void aPartThatFailsHasNoResultAndTheNextIsTried() throws Exception {
        List<String> progress = new ArrayList<>();
        PeersConfig config = new PeersConfig(
                EnumSet.allOf(Part.class), 1, List.of(1 << 10), List.of(1), 0.01, 1, Path.of("/nowhere"), 1 << 20);

        DiskFindings findings = new DiskParts(config, progress::add).run();

        assertThat(findings.replay()).isNull();
        assertThat(findings.recovery()).isNull();
        assertThat(findings.failures()).extracting(Failure::lane).containsExactly("replay", "recovery");
        assertThat(progress).hasSize(4).contains("replay of 1 MiB", "recovery of 1 MiB");
    }
}
