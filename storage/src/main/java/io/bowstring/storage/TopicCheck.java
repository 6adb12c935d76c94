package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Checks the files of one topic: their names, each segment, and how they follow one another. Confined to one thread. */
final class TopicCheck {
    private final Disk disk;
    private final SegmentFiles files;
    private final boolean isLive;
    private final Findings findings;

    /** The offsets of what has been set aside. */
    private final NavigableSet<Long> aside = new TreeSet<>();

    private @Nullable SegmentCheck previous;

    TopicCheck(Disk disk, SegmentFiles files, boolean isLive, Findings findings) {
        this.disk = disk;
        this.files = files;
        this.isLive = isLive;
        this.findings = findings;
    }

    void run() throws IOException {
        findings.addTopic();
        List<Long> firstOffsets = new ArrayList<>();
        List<Path> indexes = new ArrayList<>();
        boolean isSealed = false;
        for (Path file : disk.list(files.directory())) {
            isSealed |= SealFile.isSealFile(file);
            SegmentFiles.ofSegment(file).ifPresent(firstOffsets::add);
            SegmentFiles.ofIndex(file).ifPresent(offset -> indexes.add(file));
            checkName(file);
        }
        for (Path index : indexes) {
            OptionalLong offset = SegmentFiles.ofIndex(index);
            if (!isLive && !firstOffsets.contains(offset.orElse(-1))) {
                findings.fault(index, "", "without its segment", files.segment(offset.orElse(-1)));
            }
        }
        for (int i = 0; i < firstOffsets.size(); i++) {
            boolean isNewest = i == firstOffsets.size() - 1;
            check(
                    firstOffsets.get(i),
                    isNewest || SegmentHead.followsUnsynced(disk, files.segment(firstOffsets.get(i + 1))));
        }
        if (isSealed && !isLive && previous != null && !previous.isEnded()) {
            findings.fault(files.directory(), "sealed", "the newest segment has no end", "an end-of-stream marker");
        }
    }

    private void checkName(Path file) {
        OptionalLong damaged = SegmentFiles.ofDamaged(file);
        OptionalLong cut = SegmentFiles.ofCut(file);
        if (damaged.isPresent() || cut.isPresent()) {
            aside.add(damaged.isPresent() ? damaged.getAsLong() : cut.getAsLong());
            findings.note(file, "", "set aside by a recovery; not served");
            return;
        }
        boolean isKnown = SegmentFiles.ofSegment(file).isPresent()
                || SegmentFiles.ofIndex(file).isPresent()
                || SegmentFiles.isDamagedIndex(file)
                || SealFile.isSealFile(file);
        if (!isKnown) {
            findings.fault(file, "", "unknown", "a segment, an index, or what a recovery has set aside");
        }
    }

    private void check(long firstOffset, boolean mayLackEnd) {
        Path file = files.segment(firstOffset);
        SegmentCheck segment = new SegmentCheck(disk, files, firstOffset, mayLackEnd, isLive, findings);
        try {
            SegmentFormat.requireKnown(disk, file);
            SegmentFormat.requireKnown(disk, files.index(firstOffset));
            segment.run();
        } catch (UnknownFormatException e) {
            findings.fault(file, "", String.valueOf(e.getMessage()), "format " + SegmentFormat.CURRENT);
            return;
        } catch (NoSuchFileException e) {
            if (isLive) {
                return; // retention has removed it
            }
            findings.fault(file, "", "missing: " + e.getFile(), "a file");
        } catch (IOException e) {
            findings.fault(file, "", "cannot be read: " + e, "a file that can be");
        }
        if (previous != null) {
            compare(previous, segment);
        }
        previous = segment;
    }

    private void compare(SegmentCheck before, SegmentCheck next) {
        Path file = files.segment(next.firstOffset());
        long expected = before.nextOffset();
        if (next.firstOffset() < expected) {
            findings.fault(file, "name", "offset " + next.firstOffset(), "not before " + expected);
        } else if (next.firstOffset() > expected) {
            String gap = "offsets " + expected + " to " + (next.firstOffset() - 1) + " are missing";
            if (aside.subSet(expected, next.firstOffset()).isEmpty() && !isInDamaged(before)) {
                findings.fault(file, "name", gap, "offset " + expected);
            } else {
                findings.note(file, "", gap + ": they may be in what has been set aside");
            }
        }
        if (before.hasHead() && next.hasHead()) {
            if (!next.fields().equals(before.fields())) {
                findings.fault(file, "schema", "other columns", "those of the segment before");
            }
            if (!next.logId().equals(before.logId())) {
                findings.fault(file, SegmentHead.LOG, next.logId(), before.logId());
            }
        }
        if (next.firstTime() < before.lastTime()) {
            findings.note(
                    file, "", "begins with an earlier time than the segment before ends with: a clock was set back");
        }
    }

    /** Returns whether the segment that ends with an offset was set aside and then made again: its file has the batches. */
    private boolean isInDamaged(SegmentCheck before) {
        return aside.contains(before.firstOffset());
    }
}
