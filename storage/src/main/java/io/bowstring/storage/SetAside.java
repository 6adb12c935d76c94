package io.bowstring.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What recovery takes out of a log and nobody may lose: segments that are damaged, and bytes that are cut off. They stay beside the log
 * under names of their own, for people to look at; what offsets have been given away is found in them too. Confined to one thread.
 */
final class SetAside {
    private static final int COPIED_BYTES = 1 << 20;

    private final Disk disk;
    private final SegmentFiles files;
    private final List<Path> cut = new ArrayList<>();

    SetAside(Disk disk, SegmentFiles files) {
        this.disk = disk;
        this.files = files;
    }

    /** Returns the files with what has been cut off. */
    List<Path> cut() {
        return cut;
    }

    /**
     * Gives a segment that is damaged, and its index, other names.
     *
     * @return the segment's new one
     * @throws IOException where the segment cannot have one, and keeps its own
     */
    Path putDamaged(long firstOffset) throws IOException {
        int number = free(each -> files.damaged(firstOffset, each), each -> files.damagedIndex(firstOffset, each));
        Path name = files.damaged(firstOffset, number);
        disk.rename(files.segment(firstOffset), name);
        try {
            disk.rename(files.index(firstOffset), files.damagedIndex(firstOffset, number));
        } catch (IOException e) {
            // It was lost, or will be found to have no segment.
        }
        return name;
    }

    /** Gives a segment of which nothing is kept another name, and deletes its index. */
    void putWhole(long firstOffset) throws IOException {
        Path name = files.cut(firstOffset, free(each -> files.cut(firstOffset, each)));
        disk.rename(files.segment(firstOffset), name);
        cut.add(name);
        LogFiles.deleteIndex(disk, files, firstOffset);
    }

    /**
     * Copies what is to be cut off a segment, so that it survives a loss of power.
     *
     * @param nextOffset of the batch that should have come there
     * @return the copy
     * @throws IOException where it cannot be copied: there may be no room
     */
    Path putTail(long firstOffset, long from, long nextOffset) throws IOException {
        Path name = files.cut(nextOffset, free(each -> files.cut(nextOffset, each)));
        try (DiskFile segment = disk.open(files.segment(firstOffset));
                DiskFile copy = disk.create(name)) {
            try {
                copy(segment, from, copy);
                disk.syncDirectory(files.directory());
            } catch (IOException e) {
                remove(name);
                throw e;
            }
        }
        cut.add(name);
        return name;
    }

    private static void copy(DiskFile segment, long from, DiskFile to) throws IOException {
        long size = segment.size();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(COPIED_BYTES, size - from));
        for (long at = from; at < size; at += bytes.capacity()) {
            bytes.clear().limit((int) Math.min(bytes.capacity(), size - at));
            segment.read(at, bytes);
            to.writeAll(at - from, bytes.flip());
        }
        to.sync();
    }

    /** Deletes a copy of what could not be cut off after all, if the disk lets it. */
    void remove(Path copy) {
        cut.remove(copy);
        try {
            disk.delete(copy);
        } catch (IOException e) {
            // Then there is one more than one needs.
        }
    }

    /** Returns the first number for which no name is taken. */
    @SafeVarargs
    private int free(IntFunction<Path>... names) throws IOException {
        List<Path> present = disk.list(files.directory());
        int number = 0;
        while (isTaken(present, number, names)) {
            number++;
        }
        return number;
    }

    @SafeVarargs
    private static boolean isTaken(List<Path> present, int number, IntFunction<Path>... names) {
        for (IntFunction<Path> name : names) {
            if (present.contains(name.apply(number))) {
                return true;
            }
        }
        return false;
    }
}
