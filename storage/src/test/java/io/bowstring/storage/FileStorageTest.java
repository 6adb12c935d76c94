package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableLog;
import io.bowstring.broker.KeptLog;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
@Timeout(300)
class FileStorageTest {
    private static final BrokerConfig CONFIG = StorageRig.config(DurableConfig.DEFAULTS);

    @TempDir
    Path directory;

    private StorageRig rig() throws IOException {
        return new StorageRig(new LocalDisk(), directory, CONFIG).start();
    }

    @Test
    void keepsWhatItHasAcknowledgedAcrossARestart() throws IOException {
        try (StorageRig rig = rig()) {
            assertThat(rig.publish("t", 10, 11, 12, 13, 14)).isEqualTo(4);
            assertThat(rig.all("t")).containsExactly("0=10", "1=11", "2=12", "3=13", "4=14");
            StorageRig.Received before = rig.subscribe("t", "3", EndPosition.END, LagPolicy.DISCONNECT);
            StorageRig.await(before.end);

            rig.restart();

            assertThat(rig.all("t")).containsExactly("0=10", "1=11", "2=12", "3=13", "4=14");
            StorageRig.Received after = rig.subscribe("t", "3", EndPosition.END, LagPolicy.DISCONNECT);
            StorageRig.await(after.end);
            assertThat(after.schemaMetadata).isEqualTo(before.schemaMetadata);
            assertThat(after.metadata).isEqualTo(before.metadata);
            assertThat(rig.publish("t", 15)).isEqualTo(5);
            assertThat(rig.all("t")).endsWith("4=14", "5=15");
        }
    }

    @Test
    void knowsProducersAgainAcrossRestarts() throws IOException {
        try (StorageRig rig = rig()) {
            assertThat(StorageRig.await(rig.publish("t", "feed", false, 1, 2, 3)))
                    .isEqualTo(2);
            for (int life = 0; life < 3; life++) {
                rig.restart();
                assertThat(StorageRig.await(rig.publish("t", "feed", false, 2, 3)))
                        .isEqualTo(2);
            }
            assertThat(StorageRig.await(rig.publish("t", "feed", false, 3, 4))).isEqualTo(3);
            rig.restart();
            assertThat(StorageRig.await(rig.publish("t", "feed", false, 4))).isEqualTo(3);
            assertThat(rig.all("t")).containsExactly("0=1", "1=2", "2=3", "3=4");
            StorageRig.Received received = rig.subscribe("t", "0", EndPosition.END, LagPolicy.DISCONNECT);
            StorageRig.await(received.end);
            assertThat(received.metadata).noneMatch(entries -> entries.containsValue("feed"));
        }
    }

    @Test
    void knowsProducersAgainAfterTheDamageOfOneOfTheirBatches() throws IOException {
        try (StorageRig rig = rig()) {
            for (long value = 1; value <= 3; value++) { // each in a range of its own
                StorageRig.await(rig.publish("t", "feed", false, value));
            }
            rig.stop();
            Path segment = new SegmentFiles(directory.resolve("t")).segment(0);
            SegmentIndex index = KeptFiles.index(segment);
            KeptFiles.flip(segment, index.start(index.rangeOf(1)) + 200);
            rig.start();

            assertThat(StorageRig.await(rig.publish("t", "feed", false, 3))).isEqualTo(2);
            assertThat(rig.all("t")).containsExactly("0=1", "2=3 gap 1");

            rig.stop();
            KeptFiles.flip(segment, index.start(index.rangeOf(2)) + 200);
            rig.start();

            assertThat(StorageRig.await(rig.publish("t", "feed", false, 3))).isEqualTo(3); // the topic had it no more
            assertThat(rig.all("t")).containsExactly("0=1", "3=3 gap 2");
        }
    }

    @Test
    void keepsASeal() throws IOException {
        try (StorageRig rig = rig()) {
            StorageRig.await(rig.publish("t", "feed", true, 1, 2));
            rig.restart();
            StorageRig.Received received = rig.subscribe("t", "earliest", EndPosition.LIVE, LagPolicy.DISCONNECT);
            StorageRig.await(received.end);
            assertThat(received.batches).containsExactly("0=1", "1=2");
            assertThatThrownBy(() -> rig.publish("t", 3)).hasMessageContaining("sealed");
            StorageRig.await(rig.publish("t", "feed", true, 1, 2)); // it may not have heard
        }
    }

    @Test
    void removesFilesWithTheTopic() throws IOException {
        try (StorageRig rig = rig()) {
            rig.publish("t", 1, 2);
            StorageRig.await(rig.broker().delete(new TopicName("t")).toCompletableFuture());
            assertThat(rig.publish("t", 3)).isZero();
            assertThat(rig.all("t")).containsExactly("0=3");
            rig.restart();
            assertThat(rig.all("t")).containsExactly("0=3");
            assertThat(directory.toFile().list()).containsExactly("t");
        }
    }

    @Test
    void forgetsTopicsThatAreGoneOrCannotBeOpened() throws Exception {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        disk.makeDirectory(directory);
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        try (FileStorage storage = FileStorage.open(disk, directory, 0, () -> {}, threads)) {
            for (int i = 0; i < 100; i++) {
                Opening opening = new Opening();
                DurableLog log = storage.newLog(new TopicName("gone" + i), DurableConfig.DEFAULTS, 10, opening);
                log.open();
                opening.opened.get(1, TimeUnit.MINUTES);
                log.close().toCompletableFuture().get(1, TimeUnit.MINUTES);
            }
            disk.setFault((operation, file) -> true);
            for (int i = 0; i < 100; i++) {
                Opening opening = new Opening();
                storage.newLog(new TopicName("damaged"), DurableConfig.DEFAULTS, 10, opening)
                        .open();
                opening.opened.get(1, TimeUnit.MINUTES);
            }

            assertThat(storage.size()).isLessThanOrEqualTo(1); // the last may not have ended
        }
    }

    /** Hears that a log is open, or cannot be opened. */
    private static class Opening implements DurableLog.Owner {
        private final CompletableFuture<Void> opened = new CompletableFuture<>();

        @Override
        public void onOpened(KeptLog kept) {
            opened.complete(null);
        }

        @Override
        public void onOpenFailed(ProtocolException reason) {
            opened.complete(null);
        }

        @Override
        public void onCommitted(long offset) {}

        @Override
        public void onSealed() {}

        @Override
        public void onRefused(ProtocolException reason) {}

        @Override
        public void onSurplus(long beforeOffset) {}
    }

    @Test
    void forgetsALogThatNoThreadOpens() throws IOException {
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        FileStorage storage = FileStorage.open(new LocalDisk(), directory, 0, () -> {}, threads);
        storage.close();
        Opening opening = new Opening();
        DurableLog log = storage.newLog(new TopicName("t"), DurableConfig.DEFAULTS, 10, opening);

        assertThatThrownBy(log::open).isInstanceOf(RejectedExecutionException.class);

        assertThat(storage.size()).isZero();
        assertThat(opening.opened).isNotDone();
    }

    @Test
    void opensNoLogLaterOfWhichItHasSaidThatItDoesNot() {
        List<Runnable> handedOver = new ArrayList<>();
        Executor thread = task -> {
            handedOver.add(task);
            if (handedOver.size() == 1) {
                throw new OutOfMemoryError("of the test");
            }
        };
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        LogLine line = new LogLine(thread);
        List<FileLog> ended = new ArrayList<>();
        Opening opening = new Opening();
        FileLog log = new FileLog(
                files("t"), DurableConfig.DEFAULTS, new KeptProducers(10), opening, threads, line, ended::add);

        assertThatThrownBy(log::open).isInstanceOf(OutOfMemoryError.class);
        line.execute(() -> {}); // of another log of that topic
        for (int i = 1; i < handedOver.size(); i++) {
            handedOver.get(i).run();
        }

        assertThat(ended).containsExactly(log);
        assertThat(opening.opened).isNotDone();
        threads.close(Duration.ofSeconds(1));
    }

    private LogFiles files(String topic) {
        SegmentFiles names = new SegmentFiles(directory.resolve(topic));
        return new LogFiles(new LocalDisk(), new TopicName(topic), names, 0, Runnable::run);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void deletesOnceThereIsMemoryForAThread() throws Exception {
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        AtomicInteger failures = new AtomicInteger(2);
        LogLine line = new LogLine(task -> {
            if (failures.getAndDecrement() > 0) {
                throw new OutOfMemoryError("of the test");
            }
            threads.writers().execute(task);
        });
        FileLog log = new FileLog(
                files("t"), DurableConfig.DEFAULTS, new KeptProducers(10), new Opening(), threads, line, ended -> {});
        Files.createDirectory(directory.resolve("t"));

        log.delete().toCompletableFuture().get();

        assertThat(directory).isEmptyDirectory();
        threads.close(Duration.ofSeconds(1));
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void tellsWhoeverWaitsForTheEndOfALogThatItWillNotCome() throws Exception {
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        FileStorage storage = FileStorage.open(new LocalDisk(), directory, 0, () -> {}, threads);
        CountDownLatch end = new CountDownLatch(1);
        Opening stalled = new Opening() {
            @Override
            public void onOpened(KeptLog kept) {
                super.onOpened(kept);
                try {
                    end.await(); // as on a disk that stands still
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        DurableLog log = storage.newLog(new TopicName("t"), DurableConfig.DEFAULTS, 10, stalled);
        log.open();
        stalled.opened.get();
        CompletableFuture<Void> closing = log.close().toCompletableFuture();

        storage.close(Duration.ofMillis(10));

        CompletableFuture<Void> deletion = log.delete().toCompletableFuture();
        for (CompletableFuture<Void> each : List.of(closing, deletion)) {
            assertThatThrownBy(each::get)
                    .hasCauseInstanceOf(ProtocolException.class)
                    .hasMessageContaining("topic t: the storage was closed before its end");
        }
        end.countDown();
    }

    @Test
    void keepsTheDirectoryWhileSomethingMayStillBeWritten() throws IOException {
        StorageThreads threads = new StorageThreads(UnpooledByteBufAllocator.DEFAULT, InstantSource.system());
        CountDownLatch isOpen = new CountDownLatch(1);
        FileStorage storage = FileStorage.open(new LocalDisk(), directory, 0, isOpen::countDown, threads);
        CountDownLatch end = new CountDownLatch(1);
        threads.writers().execute(() -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        storage.close(Duration.ofMillis(10));

        assertThat(isOpen.getCount()).isOne();
        end.countDown();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void keepsTheLockOfItsProcessWhoeverAsksForItThere() throws IOException {
        DirectoryLock lock = DirectoryLock.take(directory);

        assertThatThrownBy(() -> DirectoryLock.take(directory)).hasMessage("another server uses it");
        assertThat(DirectoryLock.isTaken(directory)).isTrue();

        Object file = Files.getAttribute(directory.resolve(DirectoryLock.NAME), "unix:ino");
        assertThat(Files.readString(Path.of("/proc/locks"))).contains(":" + file + " ");
        lock.close();
        assertThat(DirectoryLock.isTaken(directory)).isFalse();
        DirectoryLock.take(directory).close();
    }

    @Test
    void mayHaveMoreFilesOpenLater() {
        assertThat(DiskFullException.isDiskFull(new FileSystemException("/data", null, "Too many open files")))
                .isTrue();
        assertThat(DiskFullException.isDiskFull(new IOException("Input/output error")))
                .isFalse();
    }
}
