package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Lives in which the server is killed, power is lost, and the disk is full, fails, and forgets. */
@ExtendWith(LeakDetection.class)
class StoredHistoryTest {
    private static final int HISTORIES = 300;
    private static final int LIVES = 6;

    @Test
    void losesNothingThatWasAcknowledgedHoweverItsLivesEnd() throws IOException {
        for (int seed = 0; seed < HISTORIES; seed++) {
            Random random = new Random(0x5DEECE66DL * seed);
            StoredHistory history = new StoredHistory(random, "seed " + seed);
            for (int life = 0; life < LIVES; life++) {
                drawFaults(random, history.disk());
                history.live();
                end(random, history.disk());
            }
            history.disk().makeDirectory(StoredHistory.FILES.directory());
            SegmentRecovery last = history.recover();
            assertThat(last.unreadable()).isEmpty();
            assertThat(last.segments()).allMatch(SegmentIndex::isEnded);
            history.disk().restart();
            SegmentRecovery again = history.recover();
            assertThat(again.nextOffset()).as("seed %d", seed).isLessThanOrEqualTo(last.nextOffset());
            assertThat(again.cut()).isEmpty();
        }
    }

    private static void drawFaults(Random random, FaultyDisk disk) {
        disk.setShort(random.nextBoolean());
        if (random.nextInt(4) > 0) {
            disk.dieIn(1 + random.nextInt(150));
        }
        if (random.nextInt(3) == 0) {
            disk.setFreeBytes(random.nextInt(8_000));
            disk.setFreeNames(random.nextInt(8));
        }
        if (random.nextInt(3) == 0) {
            int rate = 10 + random.nextInt(100);
            disk.setFault((operation, file) -> random.nextInt(rate) == 0);
        }
    }

    private static void end(Random random, FaultyDisk disk) {
        if (random.nextBoolean()) {
            disk.restart();
        } else {
            disk.restartProcess();
        }
    }

    /** One byte changes by itself: all batches but the one that has it are still on the disk, under whatever name. */
    @Test
    void losesNothingElseToRot() throws IOException {
        for (int seed = 0; seed < HISTORIES; seed++) {
            Random random = new Random(0x5DEECE66DL * seed);
            StoredHistory history = new StoredHistory(random, "seed " + seed);
            FaultyDisk disk = history.disk();
            disk.dieIn(10 + random.nextInt(100));
            history.live();
            end(random, disk);
            disk.makeDirectory(StoredHistory.FILES.directory());
            TreeMap<Long, byte[]> untouched = damage(random, disk, history.acknowledged());
            for (int life = 0; life < LIVES; life++) {
                if (life < LIVES - 1) {
                    drawFaults(random, disk);
                }
                requireKept(disk, untouched, "seed " + seed);
                end(random, disk);
            }
        }
    }

    /** Recovers, which may come to nothing; afterwards all is there, and no offset is given away again. */
    private static void requireKept(FaultyDisk disk, TreeMap<Long, byte[]> batches, String name) throws IOException {
        long nextOffset = Long.MAX_VALUE;
        try {
            nextOffset = SegmentRecovery.run(disk, StoredHistory.FILES).nextOffset();
        } catch (FaultyDisk.PowerLoss e) {
            disk.restart();
        } catch (IOException e) {
            // The directory cannot be read.
        }
        assertThat(nextOffset).as(name).isGreaterThan(batches.isEmpty() ? -1 : batches.lastKey());
        disk.setFault(FaultyDisk.Fault.NONE);
        disk.dieIn(Long.MAX_VALUE);
        String all = all(disk);
        assertThat(batches)
                .as(name)
                .allSatisfy((offset, batch) ->
                        assertThat(all.contains(latin(batch))).isTrue());
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String all(FaultyDisk disk) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : disk.list(StoredHistory.FILES.directory())) {
            all.append(latin(disk.bytes(file))).append('|');
        }
        return all.toString();
    }

    /** Changes a byte, and returns the batches that are still there. */
    private static TreeMap<Long, byte[]> damage(Random random, FaultyDisk disk, TreeMap<Long, byte[]> batches)
            throws IOException {
        List<Path> files = disk.list(StoredHistory.FILES.directory());
        for (int i = 0; i < files.size(); i += 2) { // the newest segment and its index more often than others
            Path file = files.get(files.size() - 1 - random.nextInt(i + 1));
            int size = disk.bytes(file).length;
            if (size > 0) {
                disk.damage(file, random.nextInt(size), 1 << random.nextInt(8));
                break;
            }
        }
        String all = all(disk);
        TreeMap<Long, byte[]> untouched = new TreeMap<>(batches);
        untouched.values().removeIf(batch -> !all.contains(latin(batch)));
        return untouched;
    }
}
