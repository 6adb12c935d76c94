package io.bowstring.storage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/** What a file of a {@link FaultyDisk} has: now, and where power is lost. Guarded by the disk. */
final class FaultyContent {
    private static final int SECTOR_BYTES = 512;

    private byte[] live = new byte[0];
    private byte[] synced = new byte[0];

    /** Sectors that the system thinks are on disk, because a sync of them has failed. */
    private final BitSet forgotten = new BitSet();

    byte[] live() {
        return live;
    }

    /** Writes so many of what remains of buffers. */
    void write(int position, int count, ByteBuffer... bytes) {
        if (position + count > live.length) {
            live = Arrays.copyOf(live, position + count);
        }
        forgotten.clear(position / SECTOR_BYTES, (position + count + SECTOR_BYTES - 1) / SECTOR_BYTES);
        int left = count;
        for (ByteBuffer each : bytes) {
            int taken = Math.min(left, each.remaining());
            each.get(live, position + count - left, taken);
            left -= taken;
        }
    }

    void truncate(long size) {
        live = Arrays.copyOf(live, (int) Math.min(size, live.length));
    }

    /** Changes a byte for good. */
    void damage(int index, int xor) {
        live[index] ^= (byte) xor;
        synced = live.clone();
    }

    void sync() {
        byte[] now = Arrays.copyOf(synced, live.length);
        for (int from = 0; from < live.length; from += SECTOR_BYTES) {
            if (!forgotten.get(from / SECTOR_BYTES)) {
                System.arraycopy(live, from, now, from, Math.min(SECTOR_BYTES, live.length - from));
            }
        }
        synced = now;
    }

    /** Some of what was to be synced is, and the system takes all of it for synced. */
    void failToSync(Random random) {
        byte[] now = Arrays.copyOf(synced, live.length);
        for (int from = 0; from < live.length; from += SECTOR_BYTES) {
            int count = Math.min(SECTOR_BYTES, live.length - from);
            if (random.nextBoolean()) {
                System.arraycopy(live, from, now, from, count);
            } else if (!Arrays.equals(live, from, from + count, now, from, from + count)) {
                forgotten.set(from / SECTOR_BYTES);
            }
        }
        synced = now;
    }

    void loseUnsynced(Random random) {
        int size = live.length == synced.length
                ? live.length
                : Math.min(live.length, synced.length) + random.nextInt(Math.abs(live.length - synced.length) + 1);
        byte[] left = Arrays.copyOf(synced, size);
        for (int sector = 0; sector < Math.min(size, live.length); sector += SECTOR_BYTES) {
            if (random.nextBoolean()) {
                System.arraycopy(
                        live, sector, left, sector, Math.min(SECTOR_BYTES, Math.min(size, live.length) - sector));
            }
        }
        live = left;
        synced = left.clone();
        forgotten.clear();
    }
}
