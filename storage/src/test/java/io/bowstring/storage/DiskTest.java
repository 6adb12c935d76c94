package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiskTest {
    private static final Path DIRECTORY = Path.of("/data/topic");

    @Test
    void makesADirectoryThatSurvivesThoughAnotherProcessHasBegunTo() throws IOException {
        for (int seed = 0; seed < 100; seed++) {
            FaultyDisk disk = new FaultyDisk(new Random(seed));
            disk.dieIn(seed % 12);
            try {
                disk.makeDirectory(DIRECTORY);
            } catch (FaultyDisk.PowerLoss e) {
                // only the process: the directory is there, or not
            }
            disk.restartProcess();
            disk.makeDirectory(DIRECTORY);

            disk.restart();

            assertThat(disk.isDirectory(DIRECTORY)).as("seed %d", seed).isTrue();
        }
    }
}
