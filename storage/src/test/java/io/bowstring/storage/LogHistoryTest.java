package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.codec.LeakDetection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Lives of a broker whose disk loses power, or whose process is killed, at random: what has been acknowledged is there afterwards, once
 * and in order. Each life has a seed, which a failure names.
 */
@ExtendWith(LeakDetection.class)
class LogHistoryTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final int HISTORIES = 100;
    private static final int LIVES = 5;

    /** What one history knows of its topic: all values before the next one have been acknowledged or seen. */
    private static final class Journal {
        long nextValue;
    }

    private static BrokerConfig config(Random random, SyncPolicy sync) {
        DurableConfig durable = new DurableConfig(
                true,
                sync,
                Duration.ofMillis(1 + random.nextInt(20)),
                0,
                Duration.ZERO,
                500 + random.nextInt(4_000),
                Duration.ofHours(1));
        return StorageRig.config(durable);
    }

    /** Publishes some batches as a producer, which begins again where it has not been acknowledged. */
    private static void publish(StorageRig rig, Journal journal, Random random) {
        int count = 1 + random.nextInt(6);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = journal.nextValue + i;
        }
        try {
            StorageRig.await(rig.publish("t", "feed", false, values));
            journal.nextValue += count;
        } catch (CompletionException e) {
            // Nobody knows: the producer comes again with the same numbers.
        }
    }

    /**
     * Checks what is there after a life: all that was acknowledged, in order, once; and then some of what was not, in order. Where the
     * end may be lost, offsets that had been given away before are missing, and a gap says so; where all was lost, the log continues after
     * them.
     */
    private static void check(StorageRig rig, Journal journal, int seed, boolean mayLose) {
        List<String> all = rig.all("t");
        List<String> expected = new ArrayList<>();
        long offset = mayLose && !all.isEmpty() ? Long.parseLong(all.get(0).split("=", -1)[0]) : 0;
        for (String batch : all) {
            String[] parts = batch.split(" gap ", -1);
            long gap = parts.length == 1 ? 0 : Long.parseLong(parts[1]);
            offset += mayLose && !expected.isEmpty() ? gap : 0;
            String mark = gap == 0 ? "" : " gap " + gap;
            expected.add(offset + "=" + expected.size() + mark); // each value is its number, and no number is twice
            offset++;
        }
        assertThat(all).as("seed %d", seed).isEqualTo(expected);
        if (!mayLose) {
            assertThat((long) all.size()).as("seed %d", seed).isGreaterThanOrEqualTo(journal.nextValue);
        }
        journal.nextValue = all.size();
    }

    private static void live(int seed, SyncPolicy sync, boolean losesPower) throws IOException {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L);
        FaultyDisk disk = new FaultyDisk(random);
        Journal journal = new Journal();
        BrokerConfig config = config(random, sync);
        for (int life = 0; life < LIVES; life++) {
            StorageRig rig = new StorageRig(disk, DIRECTORY, config).start();
            if (life > 0) {
                check(rig, journal, seed, losesPower && sync != SyncPolicy.ALWAYS);
            }
            disk.setShort(random.nextBoolean());
            disk.dieIn(random.nextInt(120));
            int publications = 1 + random.nextInt(12);
            for (int i = 0; i < publications; i++) {
                publish(rig, journal, random);
            }
            disk.dieIn(0);
            rig.stop();
            if (losesPower) {
                disk.restart();
            } else {
                disk.restartProcess();
            }
        }
    }

    private static void liveAll(SyncPolicy sync, boolean losesPower, int histories) throws IOException {
        for (int seed = 0; seed < histories; seed++) {
            live(seed, sync, losesPower);
        }
    }

    @Test
    void losesNothingAcknowledgedWithThePower() throws IOException {
        liveAll(SyncPolicy.ALWAYS, true, HISTORIES);
    }

    @Test
    void losesNothingAcknowledgedWithTheProcess() throws IOException {
        liveAll(SyncPolicy.OS, false, HISTORIES / 4);
        liveAll(SyncPolicy.INTERVAL, false, HISTORIES / 4);
    }

    @Test
    void losesTheEndAloneWhereItDoesNotWaitForTheDisk() throws IOException {
        liveAll(SyncPolicy.INTERVAL, true, HISTORIES / 4);
        liveAll(SyncPolicy.OS, true, HISTORIES / 4);
    }
}
