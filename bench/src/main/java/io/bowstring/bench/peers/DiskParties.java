package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A publisher that writes to disk, and a subscriber that only counts what has been synced. */
final class DiskParties implements Parties {
    private final DiskLoop disk;
    private final int groupBytes;

    /** How many batches have been synced and not been counted. */
    private final Semaphore synced = new Semaphore(0);

    DiskParties(Path folder, int groupBytes) {
        this.disk = new DiskLoop(folder);
        this.groupBytes = groupBytes;
    }

    @Override
    public Publishing publish(Turn turn, int topic) {
        int bodyBytes = turn.shape().bodyBytes();
        BatchBytes batches = new BatchBytes(bodyBytes, Math.max(1, groupBytes / bodyBytes));
        return new Publishing() {
            @Override
            public void send(int count) throws IOException {
                batches.send(count, (bytes, now) -> {
                    disk.write(bytes);
                    synced.release(now);
                });
            }

            @Override
            public void finish() {
                // all has been synced
            }

            @Override
            public void close() {
                batches.close();
            }
        };
    }

    @Override
    public void receive(int topic, Receiving subscriber) throws InterruptedException {
        Turn turn = subscriber.turn();
        subscriber.begun();
        for (int batch = 0; batch < turn.expected(); batch++) {
            synced.acquire();
            subscriber.batch(turn.bodyBytes(batch));
        }
    }

    @Override
    public void close() {
        Closing.all(List.of(disk));
    }
}
