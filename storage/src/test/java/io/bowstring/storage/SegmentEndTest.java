package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
class SegmentEndTest {
    @TempDir
    Path directory;

    @Test
    void followsAServer() throws IOException {
        Path topic = directory.resolve("t");
        try (StorageRig rig = KeptFiles.rig(directory)) {
            rig.publish("t", 0);
            SegmentEnd end = SegmentEnd.of(SegmentEnd.segmentAt(topic, 0).orElseThrow());
            for (long i = 1; i < 20; i++) {
                long before = end.getAsLong();
                assertThat(end.nextOffset()).isEqualTo(i);
                assertThat(end.getAsLong()).isEqualTo(before);
                rig.publish("t", i);
                if (end.following().isPresent()) {
                    Path next = end.following().orElseThrow();
                    assertThat(end.isEnded()).isTrue();
                    assertThat(SegmentEnd.segmentAt(topic, i)).contains(next);
                    end.close();
                    end = SegmentEnd.of(next);
                }
            }
            end.close();
        }
        List<Path> segments = KeptFiles.files(topic, ".arrows");
        assertThat(segments).hasSizeGreaterThan(2);
        for (int i = 0; i < segments.size(); i++) {
            try (SegmentEnd end = SegmentEnd.of(segments.get(i))) {
                assertThat(end.getAsLong()).isEqualTo(Files.size(segments.get(i)));
                assertThat(end.isEnded()).isTrue();
                assertThat(end.following())
                        .isEqualTo(segments.stream().skip(i + 1L).findFirst());
            }
        }
    }

    @Test
    void endsBeforeAnEntryThatIsNotWhole() throws IOException {
        KeptFiles.make(directory, 5);
        Path segment = KeptFiles.files(directory.resolve("t"), ".arrows").get(0);
        Path index = KeptFiles.files(directory.resolve("t"), ".index").get(0);
        SegmentIndex whole = KeptFiles.index(segment);
        KeptFiles.flip(index, SegmentIndex.HEADER_BYTES + IndexEntry.BYTES + 3);
        try (SegmentEnd end = SegmentEnd.of(segment)) {
            assertThat(end.getAsLong()).isEqualTo(whole.get(0).end());
            assertThat(end.isEnded()).isFalse();
            assertThat(end.following()).isEmpty();
        }
        KeptFiles.flip(index, 2);
        try (SegmentEnd end = SegmentEnd.of(segment)) {
            assertThat(end.getAsLong()).isZero();
        }
        assertThatThrownBy(() -> SegmentEnd.of(index)).hasMessageEndingWith("(expected: 20 digits and .arrows)");
        assertThat(SegmentEnd.segmentAt(directory, 0)).isEmpty();
    }
}
