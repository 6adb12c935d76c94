package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {
    private final Disk disk = new LocalDisk();

    @TempDir
    private Path folder;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void writesGatheredAndReadsWhatIsThere() throws IOException {
        Path path = folder.resolve("file");
        try (DiskFile file = disk.create(path)) {
            file.write(0, bytes("abc"), bytes("def"));
            file.write(5, bytes("xyz"));
            file.sync();
            assertThat(file.size()).isEqualTo(8);
            ByteBuffer read = ByteBuffer.allocate(10);
            assertThat(file.read(1, read)).isEqualTo(7);
            assertThat(read.flip()).isEqualTo(bytes("bcdexyz"));
            file.truncate(2);
        }
        assertThat(path).hasContent("ab");
        try (DiskFile file = disk.open(path)) {
            file.write(2, bytes("!"));
        }
        assertThat(path).hasContent("ab!");
    }

    @Test
    void makesNoFileTwiceAndOpensNoneThatIsNotThere() throws IOException {
        Path path = folder.resolve("file");
        assertThatThrownBy(() -> disk.open(path)).isInstanceOf(NoSuchFileException.class);
        disk.create(path).close();
        assertThatThrownBy(() -> disk.create(path)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void makesDirectoriesAndListsThemInOrder() throws IOException {
        Path inner = folder.resolve("a/b");
        disk.makeDirectory(inner);
        disk.makeDirectory(inner);
        for (String name : new String[] {"2", "10", "1"}) {
            disk.create(inner.resolve(name)).close();
        }
        disk.syncDirectory(inner);
        assertThat(disk.list(inner)).containsExactly(inner.resolve("1"), inner.resolve("10"), inner.resolve("2"));

        disk.rename(inner.resolve("10"), inner.resolve("1"));
        disk.delete(inner.resolve("2"));
        assertThat(disk.list(inner)).containsExactly(inner.resolve("1"));
        assertThat(Files.isDirectory(inner)).isTrue();
    }
}
