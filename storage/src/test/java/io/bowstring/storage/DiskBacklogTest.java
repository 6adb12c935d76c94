package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a log does on its disk while it writes more. */
@ExtendWith(LeakDetection.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DiskBacklogTest {
    private static final Path DIRECTORY = Path.of("/data");

    /** A topic that is not synced before it acknowledges, in segments of one batch or two. */
    private static final DurableConfig SMALL_SEGMENTS =
            new DurableConfig(true, SyncPolicy.OS, Duration.ofSeconds(1), 0, Duration.ZERO, 1_000, Duration.ofHours(1));

    private static final BrokerConfig CONFIG = StorageRig.config(SMALL_SEGMENTS);

    private static List<String> batches(int count) {
        return LongStream.range(0, count).mapToObj(i -> i + "=" + i).toList();
    }

    private static void publishEach(StorageRig rig, int from, int until) {
        for (int i = from; i < until; i++) {
            rig.publish("t", i);
        }
    }

    @Test
    void acknowledgesMoreWhileASegmentThatHasEndedIsSynced(@TempDir Path directory)
            throws IOException, InterruptedException {
        StallingDisk disk = new StallingDisk("00000000000000000000.arrows", 1); // after that of its schema
        try (StorageRig rig = new StorageRig(disk, directory, CONFIG).start()) {
            publishEach(rig, 0, 10);
            disk.awaitStall();
            publishEach(rig, 10, 20);
            assertThat(rig.all("t")).isEqualTo(batches(20));

            disk.endStall();
            rig.restart();
            assertThat(rig.all("t")).isEqualTo(batches(20));
        }
    }

    @Test
    void refusesMoreOnceASegmentThatHasEndedCannotBeSynced() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        AtomicInteger syncs = new AtomicInteger();
        try (StorageRig rig = new StorageRig(disk, DIRECTORY, CONFIG).start()) {
            disk.setFault((operation, file) -> operation == FaultyDisk.Operation.SYNC
                    && file.endsWith("00000000000000000000.arrows")
                    && syncs.incrementAndGet() > 1);
            assertThatThrownBy(() -> publishEach(rig, 0, 1_000_000)) // it is synced some time
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            ProtocolException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
        }
    }

    @Test
    void hasDeletedWhatWasDroppedBeforeItIsClosed(@TempDir Path directory) throws IOException {
        BrokerConfig config = StorageRig.config(new DurableConfig(
                true, SyncPolicy.OS, Duration.ofSeconds(1), 3_000, Duration.ZERO, 1_000, Duration.ofHours(1)));
        StorageRig rig = new StorageRig(new LocalDisk(), directory, config).start();
        publishEach(rig, 0, 50);
        rig.stop();

        try (Stream<Path> files = Files.list(directory.resolve("t"))) {
            assertThat(files.filter(file -> SegmentFiles.ofSegment(file).isPresent()))
                    .hasSizeBetween(1, 5);
        }
    }

    /** Each batch is a range of the segment as long as that is written to. */
    @Test
    void endsASegmentOfManyRangesAndMergesThem(@TempDir Path directory) throws IOException {
        BrokerConfig config = StorageRig.config(SMALL_SEGMENTS.withSegmentBytes(128 << 20));
        try (StorageRig rig = new StorageRig(new LocalDisk(), directory, config).start()) {
            publishEach(rig, 0, (1 << 14) + 1);
            rig.stop();
        }

        SegmentFiles files = new SegmentFiles(directory.resolve("t"));
        List<SegmentIndex> segments =
                SegmentRecovery.run(new LocalDisk(), files).segments();
        assertThat(segments).hasSize(2);
        assertThat(segments.get(0).size()).isGreaterThan(1 << 14);
        assertThat(segments.get(0).merged().size()).isLessThan(20);
    }

    private record Noted(List<String> done, String name) implements DiskBacklog.Task {
        @Override
        public void run() throws IOException {
            done.add(name);
            if (name.equals("fails")) {
                throw new IOException("Input/output error");
            }
            if (name.equals("no memory") && Collections.frequency(done, name) == 1) {
                throw new OutOfMemoryError("thrown by the test");
            }
        }

        @Override
        public void abandon() {
            done.add(name + " abandoned");
        }
    }

    @Test
    void doesNothingMoreAfterAFailure() {
        List<String> done = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        DiskBacklog backlog = new DiskBacklog(Runnable::run, failures::add);

        for (String name : List.of("one", "fails", "three")) {
            backlog.add(new Noted(done, name));
        }

        assertThat(backlog.hasFailed()).isTrue();
        assertThatThrownBy(backlog::finish).isInstanceOf(IOException.class);
        assertThat(failures).hasSize(2);
        backlog.abandon();
        assertThat(done).containsExactly("one", "fails", "fails abandoned", "three abandoned");
    }

    @Test
    void isFinishedByWhoeverClosesTheLogWhereNoThreadRunsIt() throws IOException {
        List<String> done = new ArrayList<>();
        DiskBacklog backlog = new DiskBacklog(
                task -> {
                    throw new RejectedExecutionException();
                },
                e -> {});
        backlog.add(new Noted(done, "one"));
        assertThat(done).isEmpty();

        backlog.finish();

        assertThat(done).containsExactly("one");
    }

    @Test
    void triesAgainWhatThereWasNoMemoryFor() {
        List<String> done = new ArrayList<>();
        DiskBacklog backlog = new DiskBacklog(Runnable::run, e -> done.add("failed"));
        backlog.add(new Noted(done, "no memory"));
        assertThat(done).containsExactly("no memory");

        backlog.ask();

        assertThat(done).containsExactly("no memory", "no memory");
        assertThat(backlog.hasFailed()).isFalse();
        assertThat(backlog.isEmpty()).isTrue();
    }

    /** Each segment that waits has two files open. */
    @Test
    void holdsThePublisherBackWhereTheDiskStandsStillForLong(@TempDir Path directory)
            throws IOException, InterruptedException {
        StallingDisk disk = new StallingDisk("00000000000000000000.arrows", 1);
        try (StorageRig rig = new StorageRig(disk, directory, CONFIG).start()) {
            CompletableFuture<Long> publication =
                    rig.publish("t", null, false, LongStream.range(0, 1_000).toArray());
            disk.awaitStall();
            rig.runOnEveryLoop();
            assertThat(publication).isNotDone();

            disk.endStall();
            assertThat(StorageRig.await(publication)).isEqualTo(999);
        }
    }
}
