package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A topic's files in life after life, with what has been written to them and what has been acknowledged. Each life begins with a
 * recovery, which is checked. Confined to one thread.
 */
final class StoredHistory {
    static final SegmentFiles FILES = new SegmentFiles(Path.of("/data/topic"));

    private static final byte[] SCHEMA = StoredStream.schema();
    private static final int MAX_SEGMENTS = 4;

    private final Random random;
    private final String name;
    private final FaultyDisk disk;

    /** All that has been written for an offset, in different lives. */
    private final Map<Long, List<byte[]>> written = new HashMap<>();

    private final TreeMap<Long, byte[]> acknowledged = new TreeMap<>();
    private long time;

    StoredHistory(Random random, String name) {
        this.random = random;
        this.name = name;
        this.disk = new FaultyDisk(random);
    }

    FaultyDisk disk() {
        return disk;
    }

    TreeMap<Long, byte[]> acknowledged() {
        return acknowledged;
    }

    /** Lives until it is killed, loses power, or its disk fails. */
    void live() {
        try {
            disk.makeDirectory(FILES.directory());
            SegmentRecovery recovery = recover();
            write(recovery.nextOffset());
        } catch (FaultyDisk.PowerLoss e) {
            // as it was asked to
        } catch (FileAlreadyExistsException e) {
            throw new AssertionError(name, e);
        } catch (IOException e) {
            // The server stops writing, and is started again.
        }
    }

    /** Recovers, and checks that nothing is invented, nothing given away twice, and all that is not there is in a gap. */
    SegmentRecovery recover() throws IOException {
        SegmentRecovery recovery = SegmentRecovery.run(disk, FILES);
        assertThat(recovery.damaged()).as(name).isEmpty();
        TreeMap<Long, byte[]> found = new TreeMap<>();
        long expected = -1;
        List<OffsetGap> gaps = new ArrayList<>();
        for (SegmentIndex segment : recovery.segments()) {
            if (expected >= 0 && segment.firstOffset() > expected) {
                gaps.add(new OffsetGap(expected, segment.firstOffset()));
            }
            assertThat(segment.firstOffset()).as(name).isGreaterThanOrEqualTo(expected);
            expected = segment.nextOffset();
            found.putAll(read(segment));
        }
        if (expected >= 0 && recovery.nextOffset() > expected) {
            gaps.add(new OffsetGap(expected, recovery.nextOffset()));
        }
        if (recovery.unreadable().isEmpty()) {
            assertThat(recovery.gaps()).as(name).isEqualTo(gaps);
            assertThat(found).as(name).containsAllEntriesOf(acknowledged);
        }
        assertThat(recovery.nextOffset()).as(name).isGreaterThan(acknowledged.isEmpty() ? -1 : acknowledged.lastKey());
        for (SegmentIndex segment : recovery.segments()) {
            acknowledged.putAll(found.subMap(segment.firstOffset(), syncedOffset(segment))); // it is on disk now
        }
        return recovery;
    }

    private static long syncedOffset(SegmentIndex segment) {
        int range = segment.size();
        while (range > 0 && !segment.get(range - 1).isSynced()) {
            range--;
        }
        return segment.firstOffset(range);
    }

    /** Returns the batches of a segment, each of which has been written. */
    private Map<Long, byte[]> read(SegmentIndex segment) {
        byte[] bytes = disk.bytes(FILES.segment(segment.firstOffset()));
        int at = SCHEMA.length;
        assertThat(Arrays.copyOf(bytes, at)).as(name).isEqualTo(SCHEMA);
        Map<Long, byte[]> batches = new HashMap<>();
        for (long offset = segment.firstOffset(); offset < segment.nextOffset(); offset++) {
            int start = at;
            byte[] batch = written.get(offset).stream()
                    .filter(each -> Arrays.mismatch(each, Arrays.copyOfRange(bytes, start, start + each.length)) < 0)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(name + ": invented"));
            batches.put(offset, batch);
            at += batch.length;
        }
        if (segment.isEnded()) {
            assertThat(Arrays.copyOfRange(bytes, at, at + Wire.END.length))
                    .as(name)
                    .isEqualTo(Wire.END);
            at += Wire.END.length;
        }
        assertThat(segment.end()).as(name).isEqualTo(at);
        for (int range = 0; range < segment.size(); range++) {
            int start = (int) segment.start(range);
            int end = (int) segment.get(range).end();
            assertThat(Checksum.of(ByteBuffer.wrap(bytes, start, end - start)))
                    .as(name)
                    .isEqualTo(segment.get(range).checksum());
        }
        return batches;
    }

    private void write(long from) throws IOException {
        long offset = from;
        for (int i = 0; i < MAX_SEGMENTS; i++) {
            try (SegmentWriter writer = SegmentWriter.create(disk, FILES, offset)) {
                for (int range = random.nextInt(6); range >= 0; range--) {
                    offset = writeRange(writer);
                }
                writer.finish();
            }
        }
    }

    private long writeRange(SegmentWriter writer) throws IOException {
        long from = writer.index().nextOffset();
        Map<Long, byte[]> batches = new TreeMap<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            long offset = from + batches.size();
            byte[] batch = StoredStream.batch(offset, ++time);
            batches.put(offset, batch);
            written.computeIfAbsent(offset, any -> new ArrayList<>()).add(batch);
        }
        byte[] bytes = Wire.concat(batches.values().toArray(new byte[0][]));
        ByteBuffer schema = ByteBuffer.wrap(writer.index().size() == 0 ? SCHEMA : new byte[0]);
        ByteBuffer[] range = {schema, ByteBuffer.wrap(bytes)};
        try {
            writer.write(range, new RangeContent(from + batches.size(), time, 0, false, false));
        } catch (IOException e) {
            writer.write(range, new RangeContent(from + batches.size(), time, 0, false, false)); // it may be repeated
        }
        writer.sync();
        acknowledged.putAll(batches);
        return from + batches.size();
    }
}
