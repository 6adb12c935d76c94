package io.bowstring.storage;

import static io.bowstring.storage.RecoverableSegments.FILES;
import static io.bowstring.storage.RecoverableSegments.loseEntries;
import static io.bowstring.storage.RecoverableSegments.written;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recovery leaves alone what it cannot read or delete, and continues with the rest. */
@ExtendWith(LeakDetection.class)
class UnreadableSegmentsTest {
    @Test
    void goesOnPastASegmentThatCannotBeReadAndReadsItAnotherTime() throws IOException {
        for (FaultyDisk.Operation failing :
                new FaultyDisk.Operation[] {FaultyDisk.Operation.OPEN, FaultyDisk.Operation.READ}) {
            for (int unreadable = 0; unreadable < 3; unreadable++) {
                FaultyDisk disk = written(2, 2, 2);
                loseEntries(disk, 2L * unreadable, 1);
                Path file = FILES.segment(2L * unreadable);
                disk.setFault((operation, path) -> operation == failing && path.equals(file));

                SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);

                assertThat(recovery.unreadable()).containsExactly(file);
                assertThat(recovery.segments()).hasSize(2);
                assertThat(recovery.nextOffset()).isGreaterThanOrEqualTo(6);
                assertThat(recovery.gaps())
                        .containsExactly(new OffsetGap(
                                2L * unreadable, unreadable == 2 ? recovery.nextOffset() : 2L * unreadable + 2));
                disk.setFault(FaultyDisk.Fault.NONE);
                assertThat(SegmentRecovery.run(disk, FILES).segments()).hasSize(3);
            }
        }
    }

    @Test
    void readsASegmentWhoseIndexCannotBeRead() throws IOException {
        FaultyDisk disk = written(2, 2);
        disk.setFault((operation, path) -> operation == FaultyDisk.Operation.OPEN && path.equals(FILES.index(0)));
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.unreadable()).containsExactly(FILES.index(0));
        assertThat(recovery.segments()).hasSize(2);
        assertThat(recovery.segments().get(0).nextOffset()).isEqualTo(2);
        assertThat(recovery.gaps()).isEmpty();
    }

    @Test
    void reportsASegmentThatIsGone() throws IOException {
        FaultyDisk disk = written(2, 3, 1);
        disk.delete(FILES.segment(2));
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.gaps()).containsExactly(new OffsetGap(2, 5));
        assertThat(recovery.segments()).hasSize(2);
        assertThat(recovery.damaged()).isEmpty();
        assertThat(disk.list(FILES.directory())).doesNotContain(FILES.index(2));
    }

    @Test
    void knowsFromAnIndexWhatASegmentHadThatIsGone() throws IOException {
        FaultyDisk disk = written(2, 3);
        disk.delete(FILES.segment(2));
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.nextOffset()).isEqualTo(5);
        assertThat(recovery.gaps()).containsExactly(new OffsetGap(2, 5));
        assertThat(recovery.unreadable()).containsExactly(FILES.index(2));
    }

    @Test
    void leavesAnEmptySegmentThatCannotBeDeletedAndItsName() throws IOException {
        FaultyDisk disk = written(2, 0);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE);
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.unreadable()).containsExactly(FILES.segment(2));
        assertThat(recovery.nextOffset()).isEqualTo(3);
    }

    @Test
    void deletesNoSegmentWhoseIndexCannotBeRead() throws IOException {
        FaultyDisk disk = written(2, 2);
        disk.open(FILES.segment(2)).truncate(0);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.READ && file.equals(FILES.index(2)));
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.unreadable()).containsExactly(FILES.index(2), FILES.segment(2));
        assertThat(disk.list(FILES.directory())).contains(FILES.segment(2), FILES.index(2));
        disk.setFault(FaultyDisk.Fault.NONE);
        assertThat(SegmentRecovery.run(disk, FILES).damaged()).containsExactly(FILES.damaged(2, 0));
    }

    @Test
    void doesNotFailWhereTheDirectoryCannotBeSynced() throws IOException {
        FaultyDisk disk = written(2);
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.SYNC_DIRECTORY);
        assertThat(SegmentRecovery.run(disk, FILES).nextOffset()).isEqualTo(2);
    }

    @Test
    void leavesTheNameOfAnIndexThatCannotBeDeleted() throws IOException {
        FaultyDisk disk = written(2, 0);
        disk.delete(FILES.segment(2));
        disk.setFault((operation, file) -> operation == FaultyDisk.Operation.DELETE);
        assertThat(SegmentRecovery.run(disk, FILES).nextOffset()).isEqualTo(3);
    }
}
