package io.bowstring.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A topic that is deleted on a disk that fails meanwhile: all of it is there afterwards, or nothing. */
@ExtendWith(LeakDetection.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TopicDeletionTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final TopicName TOPIC = new TopicName("t");
    private static final BrokerConfig CONFIG =
            StorageRig.config(DurableConfig.DEFAULTS.withSegmentBytes(600)); // so that it has several files
    private static final List<String> ALL = List.of("0=0", "1=1", "2=2", "3=3", "4=4", "5=5");

    private static StorageRig rig(FaultyDisk disk) throws IOException {
        StorageRig rig = new StorageRig(disk, DIRECTORY, CONFIG).start();
        for (long i = 0; i < ALL.size(); i++) {
            rig.publish("t", i);
        }
        return rig;
    }

    private static boolean tryDelete(StorageRig rig) {
        CompletableFuture<Void> deletion = rig.broker().delete(TOPIC).toCompletableFuture();
        try {
            StorageRig.await(deletion);
            return true;
        } catch (CompletionException e) {
            assertThat(e.getCause())
                    .isInstanceOfSatisfying(
                            ProtocolException.class,
                            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.STORAGE_FAILED));
            return false;
        }
    }

    /** Starts again, and checks that nothing is left of a deletion. */
    private static List<String> allAfterStart(StorageRig rig, FaultyDisk disk) throws IOException {
        rig.start();
        assertThat(disk.list(DIRECTORY)).noneMatch(path -> LogFiles.isDeleted(StorageDirectory.name(path)));
        return rig.all("t");
    }

    @Test
    void isThereAsAWholeWhereItCannotGetAnotherName() throws IOException {
        FaultyDisk disk = new FaultyDisk(new Random(1));
        try (StorageRig rig = rig(disk)) {
            disk.setFault((operation, file) -> operation == FaultyDisk.Operation.RENAME);
            assertThat(tryDelete(rig)).isFalse();
            rig.stop();
            disk.restart();

            assertThat(allAfterStart(rig, disk)).isEqualTo(ALL);
        }
    }

    @Test
    void isThereAsAWholeOrGoneWhereItsNewNameMayNotSurvive() throws IOException {
        int whole = 0;
        int gone = 0;
        for (int seed = 0; seed < 20; seed++) {
            FaultyDisk disk = new FaultyDisk(new Random(seed));
            try (StorageRig rig = rig(disk)) {
                disk.setFault((operation, file) ->
                        operation == FaultyDisk.Operation.SYNC_DIRECTORY && file.equals(DIRECTORY));
                assertThat(tryDelete(rig)).isFalse();
                rig.stop();
                disk.restart();

                List<String> all = allAfterStart(rig, disk);
                assertThat(all).isIn(ALL, List.of());
                whole += all.isEmpty() ? 0 : 1;
                gone += all.isEmpty() ? 1 : 0;
            }
        }
        assertThat(whole).isPositive();
        assertThat(gone).isPositive();
    }

    @Test
    void deletesNoFileAtAStartBeforeTheirNewNameSurvives() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            FaultyDisk disk = new FaultyDisk(new Random(seed));
            try (StorageRig rig = rig(disk)) {
                disk.setFault((operation, file) ->
                        operation == FaultyDisk.Operation.SYNC_DIRECTORY && file.equals(DIRECTORY));
                assertThat(tryDelete(rig)).isFalse();
                rig.stop();
                rig.start(); // the same disk still fails
                rig.stop();
                disk.restart();

                assertThat(allAfterStart(rig, disk)).isIn(ALL, List.of());
            }
        }
    }

    @Test
    void isGoneForGoodThoughItsFilesCannotBeDeleted() throws IOException {
        for (FaultyDisk.Operation operation : List.of(FaultyDisk.Operation.DELETE, FaultyDisk.Operation.LIST)) {
            FaultyDisk disk = new FaultyDisk(new Random(1));
            try (StorageRig rig = rig(disk)) {
                disk.setFault((each, file) -> each == operation && !file.equals(DIRECTORY));
                assertThat(tryDelete(rig)).isTrue();
                assertThat(rig.all("t")).isEmpty();
                rig.stop();
                rig.start(); // it fails still
                assertThat(rig.all("t")).isEmpty();
                rig.stop();
                disk.restart();

                assertThat(allAfterStart(rig, disk)).isEmpty();
            }
        }
    }

    @Test
    void isThereAsAWholeOrGoneWhereverThePowerIsLost() throws IOException {
        for (int operations = 0; operations < 30; operations++) {
            FaultyDisk disk = new FaultyDisk(new Random(operations));
            try (StorageRig rig = rig(disk)) {
                disk.dieIn(operations);
                boolean isDone = tryDelete(rig);
                rig.stop();
                disk.restart();

                assertThat(allAfterStart(rig, disk)).isIn(isDone ? List.of() : ALL, List.of());
            }
        }
    }

    @Test
    void leavesNoFileOfADeletedTopicWhateverItIs(@TempDir Path directory) throws IOException {
        Files.createFile(directory.resolve("~deleted-file"));
        Files.createDirectory(directory.resolve("~deleted-directory"));
        Files.createFile(directory.resolve("~deleted-directory").resolve("file"));

        try (StorageRig rig = new StorageRig(new LocalDisk(), directory, CONFIG).start()) {
            assertThat(rig.all("t")).isEmpty();
            assertThat(directory).isEmptyDirectory();
        }
    }
}
