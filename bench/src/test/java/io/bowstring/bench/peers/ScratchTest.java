package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    @TempDir
    private Path parent;

    @Test
    void leavesNothing() throws Exception {
        Path kept = Files.createFile(parent.resolve("kept"));
        try (Scratch scratch = Scratch.in(parent)) {
            Path folder = scratch.newFolder("lane");
            Files.createFile(Files.createDirectory(folder.resolve("topic")).resolve("segment"));
            Files.createLink(folder.resolve("link"), kept);

            assertThat(folder).isDirectoryContaining("glob:**topic");
        }

        assertThat(parent).isDirectoryContaining("glob:**kept").isDirectoryNotContaining("glob:**bench*");
    }
}
