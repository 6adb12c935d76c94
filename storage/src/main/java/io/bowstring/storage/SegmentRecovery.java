package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * Finds out what the files of a topic have after a stop, a kill or a loss of power, and brings them in order:
 *
 * <ul>
 *   <li>What comes after the last checkpoint of a segment and is not whole is cut off, and the stream ended. Most often it was never
 *       acknowledged; but the entries of what has been may have been lost, so that it is kept in a file of its own, unless it is zeros.
 *   <li>A segment of which nothing has ever been synced, or that has no batch, goes; if it has anything else than zeros, to such a file.
 *   <li>A segment that is not whole as far as its checkpoint, has nothing that is whole, or begins before the end of the one before
 *       it, is damaged: its file gets another name, and stays.
 *   <li>So do the segments that were begun before the end of the one before them was synced, where that end has been lost: what is left is
 *       what there was at some time.
 *   <li>An empty segment stays where it is all that is left, and offsets after it have been given away.
 *   <li>A segment that cannot be read stays as it is: the next recovery may be able to.
 * </ul>
 *
 * <p>None of this needs room on the disk: where there is none, or a file cannot be changed, it is left for the next time. Confined to one
 * thread.
 */
final class SegmentRecovery {
    private static final int NONE = -1;

    private final Disk disk;
    private final SegmentFiles files;
    private final SetAside aside;
    private final List<SegmentIndex> segments = new ArrayList<>();
    private final List<Path> damaged = new ArrayList<>();
    private final List<Path> unreadable = new ArrayList<>();
    private final List<OffsetGap> gaps = new ArrayList<>();
    private long nextOffset;

    /** Whether nothing comes after what is there. */
    private boolean isSealed;

    /** The offset that should come next: after the last segment that is whole. */
    private long expected = NONE;

    private SegmentRecovery(Disk disk, SegmentFiles files) {
        this.disk = disk;
        this.files = files;
        this.aside = new SetAside(disk, files);
    }

    /**
     * Recovers the segments of a directory.
     *
     * @throws UnknownFormatException where a segment or an index has another format, and nothing has been changed
     * @throws IOException where the directory itself cannot be read
     */
    static SegmentRecovery run(Disk disk, SegmentFiles files) throws IOException {
        SegmentRecovery recovery = new SegmentRecovery(disk, files);
        List<Path> present = disk.list(files.directory());
        for (Path file : present) {
            SegmentFormat.requireKnown(disk, file);
        }
        List<Long> firstOffsets = new ArrayList<>();
        for (Path file : present) {
            SegmentFiles.ofSegment(file).ifPresent(firstOffsets::add);
        }
        recovery.isSealed = present.contains(SealFile.path(files));
        recovery.showSetAside(firstOffsets.isEmpty() ? 0 : firstOffsets.get(firstOffsets.size() - 1), present);
        recovery.deleteIndexesWithout(firstOffsets, present);
        Deque<Long> left = new ArrayDeque<>(firstOffsets);
        while (!left.isEmpty()) {
            recovery.recover(left.remove(), left);
        }
        recovery.expect(recovery.nextOffset);
        recovery.syncDirectory();
        return recovery;
    }

    /**
     * Returns the segments that are whole, in order. Each has its end, unless the disk had no room for it; ranges that may not survive a
     * loss of power, because the disk failed, are not {@linkplain IndexEntry#isSynced synced}.
     */
    List<SegmentIndex> segments() {
        return segments;
    }

    /** Returns the files of those that are damaged, by their new names; by their own, where they could not get any. */
    List<Path> damaged() {
        return damaged;
    }

    /** Returns the segments and indexes that cannot be read, or not be deleted though they are empty. */
    List<Path> unreadable() {
        return unreadable;
    }

    /** Returns the files with what has been cut off this time. */
    List<Path> cut() {
        return aside.cut();
    }

    /** Returns the offsets between the segments, and from the last one to {@link #nextOffset}, that none of them has; in order. */
    List<OffsetGap> gaps() {
        return gaps;
    }

    /**
     * Returns the offset after all that there has been, as far as anything shows it, what is damaged or was cut off included; and after
     * all that there may be in what cannot be read.
     */
    long nextOffset() {
        return nextOffset;
    }

    private void show(long shown) {
        nextOffset = Math.max(nextOffset, shown);
    }

    /** Notes that an offset is the next that there is. */
    private void expect(long offset) {
        if (expected != NONE && offset > expected) {
            gaps.add(new OffsetGap(expected, offset));
        }
        expected = Math.max(expected, offset);
    }

    /** Deletes the indexes whose segments have gone: each is made before its segment has anything. */
    private void deleteIndexesWithout(List<Long> segmentOffsets, List<Path> present) {
        for (Path file : present) {
            OptionalLong firstOffset = SegmentFiles.ofIndex(file);
            if (firstOffset.isPresent() && !segmentOffsets.contains(firstOffset.getAsLong())) {
                show(FoundSegment.readIndexOnly(disk, file, firstOffset.getAsLong()));
                try {
                    disk.delete(file);
                } catch (IOException e) {
                    unreadable.add(file);
                    show(firstOffset.getAsLong() + 1); // its name is taken
                }
            }
        }
    }

    /**
     * Recovers a segment.
     *
     * @param later the first offsets of those that come after it; those that may not stay without it are set aside, and removed
     */
    private void recover(long firstOffset, Deque<Long> later) {
        FoundSegment found = FoundSegment.read(disk, files.segment(firstOffset), files.index(firstOffset), firstOffset);
        if (!found.isIndexReadable()) {
            unreadable.add(files.index(firstOffset));
        }
        if (!found.isReadable()) {
            unreadable.add(files.segment(firstOffset));
            show(Math.max(firstOffset + 1, later.isEmpty() ? found.nextOffset() : later.element()));
            expect(firstOffset);
            return;
        }
        show(found.nextOffset());
        boolean hasLostEnd =
                !later.isEmpty() && !found.index().isEnded() && found.index().nextOffset() < later.element();
        while (hasLostEnd && !later.isEmpty() && SegmentHead.followsUnsynced(disk, files.segment(later.element()))) {
            setAside(later.remove()); // first: where this is broken off, this segment still says why
        }
        if (found.isDispensable() && found.index().isEnded() && isSealed) { // it has the schema
            segments.add(found.index());
            expected = firstOffset;
        } else if (found.isDispensable() && !(later.isEmpty() && isLastOfALog(found))) {
            remove(firstOffset, found.hasTail());
        } else if (found.isDamaged() || (found.isEmpty() && !found.isDispensable()) || expected > firstOffset) {
            quarantine(firstOffset);
            expect(firstOffset);
        } else {
            expect(firstOffset);
            found.end(files, aside);
            segments.add(found.index());
            expected = found.index().nextOffset();
        }
    }

    /**
     * Returns whether an empty segment is all that is left of a log whose offsets have been given away: it knows the log, and the
     * next batch must not get one of these.
     */
    private boolean isLastOfALog(FoundSegment found) {
        return segments.isEmpty()
                && found.index().size() > 0
                && nextOffset > found.index().firstOffset();
    }

    /** Sets a segment aside that cannot stay without the end of the one before it. */
    private void setAside(long firstOffset) {
        show(FoundSegment.read(disk, files.segment(firstOffset), files.index(firstOffset), firstOffset)
                .nextOffset());
        quarantine(firstOffset);
    }

    private void remove(long firstOffset, boolean hasTail) {
        try {
            if (hasTail) {
                aside.putWhole(firstOffset);
            } else {
                LogFiles.deleteSegment(disk, files, firstOffset);
            }
        } catch (IOException e) {
            unreadable.add(files.segment(firstOffset));
            show(firstOffset + 1); // its name is taken
        }
    }

    private void quarantine(long firstOffset) {
        try {
            damaged.add(aside.putDamaged(firstOffset));
        } catch (IOException e) {
            damaged.add(files.segment(firstOffset));
            show(firstOffset + 1); // its name is taken
        }
    }

    /** Looks for offsets that have been given away in what was set aside before, after an offset: there may be no segment since. */
    private void showSetAside(long from, List<Path> present) {
        for (Path file : present) {
            OptionalLong damagedOffset = SegmentFiles.ofDamaged(file);
            if (damagedOffset.isPresent() && damagedOffset.getAsLong() >= from) {
                show(FoundSegment.read(disk, file, files.indexOfDamaged(file), damagedOffset.getAsLong())
                        .nextOffset());
            }
            OptionalLong cutOffset = SegmentFiles.ofCut(file);
            if (cutOffset.isPresent() && cutOffset.getAsLong() >= from) {
                show(FoundSegment.readCut(disk, file, cutOffset.getAsLong()).nextOffset());
            }
        }
    }

    private void syncDirectory() {
        try {
            disk.syncDirectory(files.directory());
        } catch (IOException e) {
            // What has got another name may have its old one after a loss of power: then it is recovered again.
        }
    }
}
