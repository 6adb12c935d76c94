package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
class StorageCheckTest {
    private static final int CHANGES = 1_000;

    @TempDir
    Path directory;

    private final List<StorageFinding> found = new ArrayList<>();

    private StorageCheck.Report check() throws IOException {
        found.clear();
        return StorageCheck.run(directory, found::add);
    }

    private StorageCheck.Report checkLive() throws IOException {
        found.clear();
        Disk disk = new ReadOnlyDisk();
        return StorageCheck.run(disk, StorageDirectory.of(disk, directory), true, found::add);
    }

    private List<Path> segments() throws IOException {
        return KeptFiles.files(directory.resolve("t"), ".arrows");
    }

    private void append(Path file, byte[] bytes) throws IOException {
        byte[] before = Files.readAllBytes(file);
        byte[] after = Arrays.copyOf(before, before.length + bytes.length);
        System.arraycopy(bytes, 0, after, before.length, bytes.length);
        Files.write(file, after);
    }

    @Test
    void findsNothingInACleanDirectoryAndChangesNothing() throws IOException {
        KeptFiles.make(directory, 30);
        Map<Path, byte[]> before = KeptFiles.contents(directory);

        StorageCheck.Report report = check();

        assertThat(found).isEmpty();
        assertThat(report.topics()).isEqualTo(1);
        assertThat(report.segments()).isEqualTo(segments().size()).isGreaterThan(3);
        assertThat(report.batches()).isEqualTo(30);
        assertThat(KeptFiles.contents(directory)).containsExactlyEntriesOf(before);
        assertThat(StorageCheck.run(directory.resolve("t"), found::add).batches())
                .isEqualTo(30);
        assertThat(found).isEmpty();
    }

    @Test
    void findsNothingWhileItIsWrittenTo() throws IOException {
        try (StorageRig rig = KeptFiles.rig(directory)) {
            for (long i = 0; i < 30; i++) {
                rig.publish("t", i);
                assertThat(checkLive().batches()).as("%s", found).isEqualTo(i + 1);
                assertThat(found).isEmpty();
            }
        }
    }

    @Test
    void findsEveryChange() throws IOException {
        Random random = new Random(20_261_130);
        KeptFiles.make(directory, 7);
        Map<Path, byte[]> contents = KeptFiles.contents(directory);
        List<Path> files = List.copyOf(contents.keySet());
        for (int change = 0; change < CHANGES; change++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = contents.get(file).clone();
            boolean isFlip = random.nextBoolean();
            int at = random.nextInt(bytes.length);
            if (isFlip) {
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            } else {
                bytes = Arrays.copyOf(bytes, at);
            }
            Files.write(file, bytes);

            StorageCheck.Report report = check();

            String name = (isFlip ? "flip" : "cut") + " at " + at + " of " + contents.get(file).length + " of " + file;
            assertThat(report.faults() + (isFlip ? 0 : report.notes())).as(name).isPositive();
            Files.write(file, contents.get(file));
        }
        check();
        assertThat(found).isEmpty();
    }

    @Test
    void notesWhatAKillLeavesAtTheEnd() throws IOException {
        KeptFiles.make(directory, 20);
        Path newest = segments().get(segments().size() - 1);
        byte[] whole = Files.readAllBytes(newest);
        SegmentIndex index = KeptFiles.index(newest);
        Path indexFile = new SegmentFiles(newest.getParent()).index(index.firstOffset());
        Files.write(indexFile, Arrays.copyOf(Files.readAllBytes(indexFile), SegmentIndex.HEADER_BYTES + 48));
        Files.write(newest, Arrays.copyOf(whole, (int) index.start(2) - 10));

        assertThat(check().faults()).isZero();
        assertThat(found)
                .extracting(StorageFinding::toString)
                .anyMatch(line -> line.startsWith("note: " + newest + ", bytes ")
                        && line.endsWith("no whole message; the next start cuts this off"))
                .contains(
                        "note: " + newest + ", byte " + (index.start(2) - 10) + ": has no end; the next start ends it");
        assertThat(checkLive().faults()).isZero();
        assertThat(found).isEmpty();
    }

    @Test
    void findsMissingSegmentsUnlessTheyAreSetAside() throws IOException {
        KeptFiles.make(directory, 30);
        SegmentFiles files = new SegmentFiles(directory.resolve("t"));
        Path segment = segments().get(1);
        long first = SegmentFiles.ofSegment(segment).orElseThrow();
        Files.move(segment, files.damaged(first, 0));
        Files.move(files.index(first), files.damagedIndex(first, 0));

        assertThat(check().faults()).isZero();
        assertThat(found).extracting(StorageFinding::toString).anyMatch(line -> line.contains("are missing: they may"));

        Files.delete(files.damaged(first, 0));
        assertThat(check().faults()).isEqualTo(1);
        assertThat(found).extracting(StorageFinding::found).anyMatch(line -> line.endsWith("are missing"));
    }

    @Test
    void findsUnknownFilesAndFormats() throws IOException {
        KeptFiles.make(directory, 3);
        Files.writeString(directory.resolve("t").resolve("notes.txt"), "");
        Files.writeString(directory.resolve("x.txt"), "");
        Path index = KeptFiles.files(directory.resolve("t"), ".index").get(0);
        append(index, new byte[] {1});

        check();

        assertThat(found)
                .extracting(finding -> finding.path().getFileName().toString())
                .containsExactly("x.txt", "notes.txt", index.getFileName().toString());
    }

    @Test
    void refusesWhatIsNoDirectory() throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "");
        assertThatThrownBy(() -> StorageCheck.run(file, found::add))
                .hasMessageContaining("a file (expected: a directory)");
        assertThatThrownBy(() -> StorageCheck.run(directory.resolve("none"), found::add))
                .hasMessageContaining("no such directory");
    }
}
