package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What publishers and subscribers notice of a disk that is full, has failed, or stands still. */
@ExtendWith(LeakDetection.class)
@Timeout(300)
class FailingDiskTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final BrokerConfig CONFIG = StorageRig.config(DurableConfig.DEFAULTS);

    private static void assertRefused(ThrowingCallable publish, ErrorCode code) {
        assertThatThrownBy(publish)
                .hasCauseInstanceOf(ProtocolException.class)
                .satisfies(e ->
                        assertThat(((ProtocolException) e.getCause()).code()).isEqualTo(code));
    }

    @Test
    void isFullUntilThereIsRoom() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        try (StorageRig rig = new StorageRig(disk, DIRECTORY, CONFIG).start()) {
            rig.publish("t", 0, 1, 2, 3);
            disk.setFreeBytes(100);

            assertRefused(() -> rig.publish("t", 4, 5, 6, 7), ErrorCode.STORAGE_FULL);
            assertRefused(() -> rig.publish("t", 8), ErrorCode.STORAGE_FULL);
            assertThat(rig.all("t")).startsWith("0=0", "1=1", "2=2", "3=3");

            disk.setFreeBytes(Long.MAX_VALUE);
            long offset = publishOnceThereIsRoom(rig);
            assertThat(rig.all("t")).endsWith(offset + "=9");
            rig.restart();
            assertThat(rig.all("t")).startsWith("0=0", "1=1", "2=2", "3=3").endsWith(offset + "=9");
        }
    }

    /** Publishes again and again, as clients do. */
    private static long publishOnceThereIsRoom(StorageRig rig) {
        while (true) {
            try {
                return rig.publish("t", 9);
            } catch (CompletionException e) {
                assertThat(((ProtocolException) e.getCause()).code()).isEqualTo(ErrorCode.STORAGE_FULL);
            }
        }
    }

    @Test
    void isReadAloneAfterASyncThatFailed() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        try (StorageRig rig = new StorageRig(disk, DIRECTORY, CONFIG).start()) {
            rig.publish("t", 0, 1, 2, 3);
            rig.publish("other", 0);
            disk.failSyncs(1);

            assertRefused(() -> rig.publish("t", 4), ErrorCode.STORAGE_FAILED);
            assertRefused(() -> rig.publish("t", 5), ErrorCode.STORAGE_FAILED);
            assertThat(rig.all("t")).containsExactly("0=0", "1=1", "2=2", "3=3");
            assertThat(rig.publish("other", 1)).isOne();

            rig.restart();
            assertThat(rig.all("t")).startsWith("0=0", "1=1", "2=2", "3=3");
            assertThat(rig.publish("t", 6)).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void saysThatATopicMayComeBack() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        try (StorageRig rig = new StorageRig(disk, DIRECTORY, CONFIG).start()) {
            rig.publish("t", 0);
            disk.setFault((operation, file) -> operation == FaultyDisk.Operation.RENAME);
            CompletableFuture<Void> deletion =
                    rig.broker().delete(new TopicName("t")).toCompletableFuture();
            assertRefused(() -> StorageRig.await(deletion), ErrorCode.STORAGE_FAILED);
            disk.setFault(FaultyDisk.Fault.NONE);
        }
    }

    @Test
    void standsStillForItsTopicAlone(@TempDir Path directory) throws IOException, InterruptedException {
        StallingDisk disk = new StallingDisk("slow");
        try (StorageRig rig = new StorageRig(disk, directory, CONFIG).start()) {
            CompletableFuture<Long> slow = rig.publish("slow", null, false, 0, 1, 2);
            disk.awaitStall();

            assertThat(rig.publish("t", 0, 1, 2)).isEqualTo(2);
            assertThat(rig.all("t")).containsExactly("0=0", "1=1", "2=2");
            assertThat(rig.all("slow")).isEmpty();
            rig.runOnEveryLoop(); // none waits for the disk
            assertThat(slow).isNotDone();

            disk.endStall();
            assertThat(StorageRig.await(slow)).isEqualTo(2);
            assertThat(rig.all("slow")).containsExactly("0=0", "1=1", "2=2");
        }
    }

    @Test
    void beginsNoOtherLogWhereNoneCanBeRead() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        try (StorageRig rig = new StorageRig(disk, DIRECTORY, CONFIG).start()) {
            rig.publish("t", 0, 1, 2, 3);
            rig.stop();
            disk.setFault((operation, file) -> operation == FaultyDisk.Operation.READ
                    && SegmentFiles.ofSegment(file).isPresent());
            rig.start();

            assertRefused(() -> rig.publish("t", 4), ErrorCode.STORAGE_FAILED);
            assertRefused(() -> rig.all("t"), ErrorCode.STORAGE_FAILED);

            disk.setFault(FaultyDisk.Fault.NONE); // it was the controller
            rig.restart();
            assertThat(rig.publish("t", 5)).isEqualTo(4);
            assertThat(rig.all("t")).containsExactly("0=0", "1=1", "2=2", "3=3", "4=5");
        }
    }
}
