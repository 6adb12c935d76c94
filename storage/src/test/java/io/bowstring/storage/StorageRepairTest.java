package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
class StorageRepairTest {
    @TempDir
    Path directory;

    private Path topic;
    private List<String> all;

    @BeforeEach
    void make() throws IOException {
        topic = directory.resolve("t");
        all = KeptFiles.make(directory, 30);
    }

    private List<Path> segments() throws IOException {
        return KeptFiles.files(topic, ".arrows");
    }

    private void cut(Path file, long size) throws IOException {
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) size));
    }

    /** Plans, which changes nothing, and then does what was planned. */
    private List<String> repair() throws IOException {
        Map<Path, byte[]> before = KeptFiles.contents(directory);
        StorageRepair.Report plan = StorageRepair.plan(directory);
        assertThat(KeptFiles.contents(directory)).containsExactlyEntriesOf(before);

        StorageRepair.Report done = StorageRepair.run(directory);

        assertThat(done).isEqualTo(plan);
        assertThat(StorageRepair.plan(directory).changes()).isEmpty();
        return done.changes();
    }

    private List<String> serve() throws IOException {
        try (StorageRig rig = KeptFiles.rig(directory)) {
            List<String> served = rig.all("t");
            assertThat(rig.publish("t", 999)).isGreaterThanOrEqualTo(30);
            return served;
        }
    }

    @Test
    void changesNothingWhereNothingIsWrong() throws IOException {
        assertThat(repair()).isEmpty();
        assertThat(serve()).isEqualTo(all);
    }

    @Test
    void cutsATornTailAndMakesIndexesAgain() throws IOException {
        for (Path index : KeptFiles.files(topic, ".index")) {
            Files.delete(index);
        }
        Path newest = segments().get(segments().size() - 1);
        cut(newest, Files.size(newest) - 20);

        List<String> changes = repair();

        assertThat(changes)
                .anyMatch(line -> line.startsWith(newest + ": bytes ") && line.endsWith(" cut off"))
                .anyMatch(line -> line.contains(".cut-0: made, with "));
        assertThat(KeptFiles.read(topic, new ArrayList<>())).isEqualTo(all.subList(0, 29));
    }

    @Test
    void keepsTheBatchesOfASegmentThatHasBecomeTooShort() throws IOException {
        Path second = segments().get(1);
        SegmentIndex index = KeptFiles.index(second);
        cut(second, index.start(2) + 10);

        List<String> changes = repair();

        assertThat(changes).anyMatch(line -> line.contains("set aside as ") && line.contains(".damaged-0"));
        List<String> served = serve();
        assertThat(served).hasSizeBetween(25, 29);
        assertThat(served.stream().map(batch -> batch.split(" ")[0]))
                .isSubsetOf(all)
                .contains(index.firstOffset() + "=" + (100 + index.firstOffset()));
    }

    @Test
    void keepsTheBatchesOfASegmentWhoseSchemaIsDamaged() throws IOException {
        for (Path segment : List.of(segments().get(1), segments().get(segments().size() - 1))) {
            KeptFiles.flip(segment, 60);
        }

        assertThat(repair()).isNotEmpty();
        assertThat(serve()).isEqualTo(all);
    }

    @Test
    void keepsTheBatchesAfterDamageThatNoIndexShows() throws IOException {
        Path second = segments().get(1);
        SegmentIndex index = KeptFiles.index(second);
        Files.delete(new SegmentFiles(topic).index(index.firstOffset()));
        KeptFiles.flip(second, index.start(2) + 40);

        assertThat(repair()).isNotEmpty();
        List<String> served = serve();
        assertThat(served.stream().map(batch -> batch.split(" ")[0]))
                .isSubsetOf(all)
                .hasSize(29);
        assertThat(served).anyMatch(batch -> batch.endsWith(" gap 1"));
    }

    /** Returns a segment of another topic's log, with offsets that no segment of this one has. */
    private Path segmentOfAnotherLog(Path other) throws IOException {
        KeptFiles.make(other, 60);
        List<Path> files = KeptFiles.files(other.resolve("t"), ".arrows");
        Path newest = files.get(files.size() - 1);
        assertThat(SegmentFiles.ofSegment(newest).orElseThrow()).isGreaterThan(30);
        return newest;
    }

    private static String logId(Path file) throws IOException {
        IpcSchema head = SegmentHead.read(new LocalDisk(), file);
        String id = SegmentHead.logId(head);
        head.release();
        return id;
    }

    @Test
    void leavesBatchesOfAnotherLogAsideAndSaysSo(@TempDir Path otherDirectory) throws IOException {
        Path other = segmentOfAnotherLog(otherDirectory);
        long offset = SegmentFiles.ofSegment(other).orElseThrow();
        SegmentFiles names = new SegmentFiles(topic);
        Path cut = Files.copy(other, names.cut(offset, 0));
        Path damaged = Files.copy(other, names.damaged(offset, 0));
        String logs = "note: %s, bowstring.log: " + logId(other) + ", another log: stays set aside (expected: "
                + logId(segments().get(0)) + ")";
        Path own = segments().get(1);
        Files.move(own, names.damaged(SegmentFiles.ofSegment(own).orElseThrow(), 0));

        assertThat(repair()).isNotEmpty().noneMatch(line -> line.contains(names.segment(offset) + ":"));
        assertThat(own).exists();
        assertThat(StorageRepair.run(directory).otherLogs())
                .extracting(StorageFinding::toString)
                .containsExactly(String.format(logs, cut), String.format(logs, damaged));
        assertThat(damaged).hasSameBinaryContentAs(other);
        assertThat(serve()).isEqualTo(all);
    }

    @Test
    void mixesNoLogsWhereAllSegmentsHaveBeenSetAside(@TempDir Path otherDirectory) throws IOException {
        Path other = segmentOfAnotherLog(otherDirectory);
        SegmentFiles names = new SegmentFiles(topic);
        for (Path own : segments()) {
            Files.move(own, names.damaged(SegmentFiles.ofSegment(own).orElseThrow(), 0));
        }
        Files.copy(other, names.damaged(SegmentFiles.ofSegment(other).orElseThrow(), 0));

        assertThat(repair()).isNotEmpty();
        assertThat(StorageRepair.run(directory).otherLogs()).hasSize(1);
        assertThat(serve()).isEqualTo(all);
    }

    /** What it has may be what is set aside, or the topic may be another log. */
    @Test
    void takesNothingBackWhileASegmentCannotBeRead() throws IOException {
        SegmentFiles names = new SegmentFiles(topic);
        Path own = segments().get(1);
        Path damaged = names.damaged(SegmentFiles.ofSegment(own).orElseThrow(), 0);
        Files.move(own, damaged);
        Path unreadable = segments().get(0);
        Path elsewhere = Files.move(unreadable, directory.resolve("elsewhere"));
        Files.createDirectory(unreadable);

        StorageRepair.run(directory);
        assertThat(own).doesNotExist();
        assertThat(damaged).exists();

        Files.delete(unreadable);
        Files.move(elsewhere, unreadable);
        assertThat(repair()).isNotEmpty();
        assertThat(own).exists();
    }

    @Test
    void leavesNothingThatAStartWouldChange() throws IOException {
        Random random = new Random(5);
        Map<Path, byte[]> contents = KeptFiles.contents(directory);
        List<Path> files = List.copyOf(contents.keySet());
        for (int i = 0; i < 200; i++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = contents.get(file).clone();
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, random.nextInt(3) == 0 ? Arrays.copyOf(bytes, at) : bytes);
            List<String> before = KeptFiles.read(topic, new ArrayList<>());

            repair();

            List<String> after = KeptFiles.read(topic, new ArrayList<>());
            assertThat(after).as("%s at %s", file, at).isSubsetOf(all).containsAll(before);
            assertThat(SegmentRecovery.run(new LocalDisk(), new SegmentFiles(topic))
                            .damaged())
                    .isEmpty();
            for (Path present : KeptFiles.contents(directory).keySet()) {
                Files.delete(present);
            }
            for (Map.Entry<Path, byte[]> entry : contents.entrySet()) {
                Files.write(entry.getKey(), entry.getValue());
            }
        }
    }

    @Test
    void refusesWhileAServerUsesTheDirectory() throws IOException {
        try (DirectoryLock lock = DirectoryLock.take(directory)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> StorageRepair.plan(directory)).hasMessageContaining("another server uses it");
            assertThatThrownBy(() -> StorageRepair.run(topic)).hasMessageContaining("another server uses it");
        }
        assertThat(StorageRepair.run(topic).changes()).isEmpty();
    }
}
