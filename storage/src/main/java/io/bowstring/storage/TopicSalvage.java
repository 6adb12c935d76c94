package io.bowstring.storage;

import io.bowstring.codec.IpcSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments of the batches that recoveries have set aside though they are whole, as far as no other segment has their offsets:
 *
 * <ul>
 *   <li>of a segment that had become too short for its index, those that are still there;
 *   <li>of one whose schema is damaged, all: another segment has the schema;
 *   <li>of what was cut off, those after the damage.
 * </ul>
 *
 * <p>Dictionaries may be missing after damage: then the batches stay where they are. So do all of a file whose head says that it is of
 * another log than the topic's segments. Confined to one thread.
 */
final class TopicSalvage {
    private final LogFiles files;
    private final SegmentRecovery recovery;
    private final Consumer<StorageFinding> onOtherLog;

    /** The offsets that segments have: each from one on until another. */
    private final NavigableMap<Long, Long> taken = new TreeMap<>();

    /**
     * Creates what {@link #run} follows.
     *
     * @param recovery that has just been run
     * @param onOtherLog hears of each file of another log, which stays as it is
     */
    TopicSalvage(LogFiles files, SegmentRecovery recovery, Consumer<StorageFinding> onOtherLog) {
        this.files = files;
        this.recovery = recovery;
        this.onOtherLog = onOtherLog;
    }

    void run() throws IOException {
        if (hasUnreadableSegment()) {
            return; // nobody knows what it has: what is set aside may be there, or be of another log
        }
        for (SegmentIndex segment : recovery.segments()) {
            if (hasHead(segment.firstOffset())) {
                taken.put(segment.firstOffset(), segment.nextOffset());
            } else {
                new SetAside(files.disk(), files.names()).putDamaged(segment.firstOffset());
            }
        }
        for (Path file : files.disk().list(files.directory())) {
            if (SegmentFiles.ofDamaged(file).isPresent()
                    || SegmentFiles.ofCut(file).isPresent()) {
                salvage(file);
            }
        }
    }

    /** Returns whether a segment has its schema, without which not one of its batches can be read; also where the disk does not tell. */
    private boolean hasHead(long firstOffset) {
        try {
            IpcSchema head = SegmentHead.tryRead(files.disk(), files.names().segment(firstOffset));
            if (head != null) {
                head.release();
            }
            return head != null;
        } catch (IOException e) {
            return true;
        }
    }

    private void salvage(Path file) throws IOException {
        OptionalLong damaged = SegmentFiles.ofDamaged(file);
        long first = damaged.orElseGet(() -> SegmentFiles.ofCut(file).orElse(0));
        KeptProducers producers = new KeptProducers(KeptProducers.MAX);
        IpcSchema own = readSchema(file);
        IpcSchema schema = own == null ? schemaNear(first, producers) : own;
        if (schema == null) {
            return; // there is no other segment
        }
        try {
            if (own != null) {
                SegmentHead.addProducers(own, producers);
            }
            if (own == null || isOfThisLog(own, file)) {
                salvage(file, schema, producers, own != null);
            }
        } finally {
            schema.release();
        }
    }

    private void salvage(Path file, IpcSchema schema, KeptProducers producers, boolean hasHead) throws IOException {
        try (DiskFile source = files.disk().open(file);
                SalvagedSegments salvaged = new SalvagedSegments(files, schema, producers, taken)) {
            salvaged.readAll(source, hasHead);
        }
    }

    /** Returns whether a file is of the log that the newest segment is of; where there is no segment, it says which log that is. */
    private boolean isOfThisLog(IpcSchema head, Path file) {
        String logId = SegmentHead.logId(head);
        for (long firstOffset : taken.descendingKeySet()) {
            IpcSchema newest = readSchema(files.names().segment(firstOffset));
            if (newest != null) {
                String expected = SegmentHead.logId(newest);
                newest.release();
                if (!logId.equals(expected)) {
                    onOtherLog.accept(new StorageFinding(
                            false, file, SegmentHead.LOG, logId + ", another log: stays set aside", expected));
                }
                return logId.equals(expected);
            }
        }
        return true;
    }

    private boolean hasUnreadableSegment() {
        return recovery.unreadable().stream()
                .anyMatch(file -> SegmentFiles.ofSegment(file).isPresent());
    }

    private @Nullable IpcSchema readSchema(Path file) {
        try {
            return SegmentHead.tryRead(files.disk(), file);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Returns the schema of a segment before an offset, owned, or else after it; null where there is none.
     *
     * @param producers gets those that have numbered batches before the offset
     */
    private @Nullable IpcSchema schemaNear(long offset, KeptProducers producers) throws IOException {
        Map.Entry<Long, Long> near = taken.lowerEntry(offset);
        boolean isBefore = near != null;
        if (near == null) {
            near = taken.higherEntry(offset);
        }
        IpcSchema schema = near == null ? null : readSchema(files.names().segment(near.getKey()));
        if (schema != null && near != null && isBefore) {
            SegmentHead.addProducers(schema, producers);
            addNumbered(near.getKey(), producers);
        }
        return schema;
    }

    private void addNumbered(long firstOffset, KeptProducers producers) throws IOException {
        FoundSegment found = FoundSegment.read(
                files.disk(), files.names().segment(firstOffset), files.names().index(firstOffset), firstOffset);
        LogRecovery.addNumbered(files.stored(found.index()), producers);
    }
}
