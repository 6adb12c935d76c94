package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
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
class StoredTopicTest {
    @TempDir
    Path directory;

    private Path topic;
    private List<String> all;
    private final List<String> faults = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void make() throws IOException {
        topic = directory.resolve("t");
        all = KeptFiles.make(directory, 30);
    }

    private List<String> read(Path path, String from, EndPosition until) throws IOException {
        return KeptFiles.read(path, from, until, faults, notes);
    }

    private List<Path> segments() throws IOException {
        return KeptFiles.files(topic, ".arrows");
    }

    @Test
    void readsADirectoryAsASubscriptionDoesAndChangesNothing() throws IOException {
        Map<Path, byte[]> before = KeptFiles.contents(directory);

        assertThat(read(topic, "earliest", EndPosition.END)).isEqualTo(all).hasSize(30);
        assertThat(read(topic, "7", EndPosition.before(9))).containsExactly("7=107", "8=108");
        assertThat(read(topic, "-2", EndPosition.END)).containsExactly("28=128", "29=129");
        assertThat(read(topic, "-99", EndPosition.before(1))).containsExactly("0=100");
        assertThat(read(topic, "30", EndPosition.END)).isEmpty();
        assertThat(read(topic, "2020-01-01T00:00:00Z", EndPosition.END)).isEqualTo(all);
        assertThat(read(topic, "9999-01-01T00:00:00Z", EndPosition.END)).isEmpty();
        assertThat(faults).isEmpty();
        assertThat(notes).isEmpty();
        assertThat(KeptFiles.contents(directory)).containsExactlyEntriesOf(before);
    }

    @Test
    void readsWhileItIsWrittenTo() throws IOException {
        try (StorageRig rig = KeptFiles.rig(directory)) {
            for (long i = 30; i < 50; i++) {
                rig.publish("t", 100 + i);
                assertThat(read(topic, "-1", EndPosition.END)).containsExactly(i + "=" + (100 + i));
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void readsASegmentOfAnyName() throws IOException {
        Path segment = segments().get(1);
        List<String> own = read(segment, "earliest", EndPosition.END);
        Path copy = Files.copy(segment, directory.resolve("copy.arrows"));

        assertThat(own).isNotEmpty().isSubsetOf(all);
        assertThat(StoredTopic.isSegment(copy)).isTrue();
        assertThat(read(copy, "earliest", EndPosition.END)).isEqualTo(own);
        assertThat(faults).isEmpty();
        assertThat(StoredTopic.isSegment(KeptFiles.files(topic, ".index").get(0)))
                .isFalse();
    }

    @Test
    void readsWithoutIndexesAndWithATornTail() throws IOException {
        for (Path index : KeptFiles.files(topic, ".index")) {
            Files.delete(index);
        }
        Path newest = segments().get(segments().size() - 1);
        byte[] bytes = Files.readAllBytes(newest);
        Files.write(newest, Arrays.copyOf(bytes, bytes.length - 20));

        assertThat(read(topic, "earliest", EndPosition.END)).isEqualTo(all.subList(0, 29));
        assertThat(faults).isEmpty();
        assertThat(notes).hasSize(1).allMatch(note -> note.endsWith("no whole batch: being written, or torn"));
    }

    @Test
    void leavesOutWhatIsDamagedOrMissing() throws IOException {
        Path second = segments().get(1);
        SegmentIndex index = KeptFiles.index(second);
        KeptFiles.flip(second, index.start(1) + 40);

        assertThat(read(topic, "earliest", EndPosition.END))
                .hasSize((int) (30 - index.firstOffset(2) + index.firstOffset(1)))
                .isSubsetOf(all);
        assertThat(faults).hasSize(2);
        assertThat(faults.get(0)).contains("CRC32C");
        assertThat(faults.get(1))
                .startsWith("offsets " + index.firstOffset(1) + " to ")
                .endsWith(": missing");

        faults.clear();
        Files.delete(second);
        assertThat(read(topic, "earliest", EndPosition.END)).isSubsetOf(all);
        assertThat(faults).hasSize(1);
    }

    @Test
    void neverReadsAnythingElseThanWasWritten() throws IOException {
        Random random = new Random(14);
        Map<Path, byte[]> contents = KeptFiles.contents(directory);
        List<Path> files = List.copyOf(contents.keySet());
        for (int i = 0; i < 500; i++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = contents.get(file).clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            faults.clear();

            List<String> found = read(topic, "earliest", EndPosition.END);

            assertThat(found).as("%s", file).isSubsetOf(all);
            assertThat(found.size() == 30 || !faults.isEmpty()).as("%s", file).isTrue();
            Files.write(file, contents.get(file));
        }
    }

    @Test
    void refusesWhatHasNoSegments() throws IOException {
        assertThatThrownBy(() -> read(directory, "earliest", EndPosition.END))
                .hasMessageContaining("no segment can be read");
    }
}
