package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SegmentFilesTest {
    private static final SegmentFiles FILES = new SegmentFiles(Path.of("topic"));

    @Test
    void namesFilesByTheFirstOffset() {
        assertThat(FILES.segment(42)).isEqualTo(Path.of("topic/00000000000000000042.arrows"));
        assertThat(FILES.index(42)).isEqualTo(Path.of("topic/00000000000000000042.index"));
        assertThat(FILES.damaged(Long.MAX_VALUE, 1)).isEqualTo(Path.of("topic/09223372036854775807.damaged-1"));
    }

    @Test
    void knowsItsNamesAgain() {
        assertThat(SegmentFiles.ofSegment(FILES.segment(Long.MAX_VALUE))).hasValue(Long.MAX_VALUE);
        assertThat(SegmentFiles.ofIndex(FILES.index(0))).hasValue(0);
        for (String other : new String[] {
            "42.arrows",
            "00000000000000000042.index",
            "00000000000000000042.arrows.old",
            "000000000000000000042.arrows",
            "09223372036854775808.arrows",
            "-0000000000000000042.arrows",
            "00000000000000000042Xarrows"
        }) {
            assertThat(SegmentFiles.ofSegment(Path.of(other))).as(other).isEmpty();
        }
    }

    @Test
    void knowsWhatWasSetAside() {
        assertThat(SegmentFiles.ofDamaged(FILES.damaged(7, 12))).hasValue(7);
        assertThat(FILES.indexOfDamaged(FILES.damaged(7, 12))).isEqualTo(FILES.damagedIndex(7, 12));
        assertThat(SegmentFiles.ofCut(FILES.cut(7, 3))).hasValue(7);
        assertThat(SegmentFiles.ofDamaged(FILES.damagedIndex(7, 12))).isEmpty();
        assertThat(SegmentFiles.ofCut(FILES.damaged(7, 3))).isEmpty();
        assertThat(SegmentFiles.ofSegment(FILES.cut(7, 3))).isEmpty();
    }
}
