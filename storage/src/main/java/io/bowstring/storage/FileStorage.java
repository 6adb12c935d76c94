package io.bowstring.storage;

import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableLog;
import io.bowstring.broker.TopicStorage;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps topics in a directory of files, each topic in one of its own that has its name: segments, which are plain Arrow IPC streams,
 * and their indexes. One server uses the directory at a time.
 *
 * <p>Thread-safe. Has threads of its own; no method of a log blocks.
 */
public final class FileStorage implements TopicStorage, Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(FileStorage.class);

    /** So many bytes are usually left on the disk. */
    public static final long MIN_FREE_BYTES = 1L << 30;

    private static final int LONGEST_TOPIC_NAME = 249;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration LAST_CALL = Duration.ofSeconds(5);

    private final Disk disk;
    private final Path directory;
    private final long minFreeBytes;
    private final Closeable lock;
    private final StorageThreads threads;
    private final Set<FileLog> logs = ConcurrentHashMap.newKeySet();

    /** Of each topic that has a log, or has had one that has not ended: the next one waits until the files of the one before are gone. */
    private final Map<TopicName, SharedLine> lines = new ConcurrentHashMap<>();

    /** The line of the logs of one topic that have not ended. Changed within a change of the map's entry. */
    private static final class SharedLine {
        private final LogLine line;
        private int logs;

        private SharedLine(LogLine line) {
            this.line = line;
        }
    }

    private FileStorage(Disk disk, Path directory, long minFreeBytes, Closeable lock, StorageThreads threads) {
        this.disk = disk;
        this.directory = directory;
        this.minFreeBytes = minFreeBytes;
        this.lock = lock;
        this.threads = threads;
    }

    /**
     * Opens a directory, which is made where it is not there. Blocks.
     *
     * @param minFreeBytes that must be left on the disk: nothing is written where less would be
     * @param allocator for what is not in the topic's memory: some heads of dictionaries
     * @param clock the time of day, for the age of batches
     * @throws IOException where it cannot be made or written to, or another server uses it
     */
    public static FileStorage open(Path directory, long minFreeBytes, ByteBufAllocator allocator, InstantSource clock)
            throws IOException {
        Disk disk = new LocalDisk();
        Path absolute = directory.toAbsolutePath().normalize();
        disk.makeDirectory(absolute);
        requireRoomForNames(absolute);
        DirectoryLock lock = DirectoryLock.take(absolute);
        return open(disk, absolute, minFreeBytes, lock, new StorageThreads(allocator, clock));
    }

    /** Throws where a topic with the longest name could not have files: the path would be too long for the system. */
    private static void requireRoomForNames(Path directory) throws IOException {
        try {
            Files.readAttributes(
                    directory.resolve("x".repeat(LONGEST_TOPIC_NAME)).resolve("x".repeat(SegmentFiles.MAX_LENGTH)),
                    BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            // As it should.
        }
    }

    /** Opens a directory that is there, on any disk. */
    static FileStorage open(Disk disk, Path directory, long minFreeBytes, Closeable lock, StorageThreads threads) {
        FileStorage storage = new FileStorage(disk, directory, minFreeBytes, lock, threads);
        threads.repeat(() -> storage.logs.forEach(FileLog::onTick), TICK);
        return storage;
    }

    @Override
    public List<TopicName> names() throws IOException {
        List<TopicName> names = new ArrayList<>();
        for (Path path : disk.list(directory)) {
            String name = path.getFileName().toString();
            if (LogFiles.isDeleted(name)) {
                LogFiles.finishDeletion(disk, path);
            } else if (disk.isDirectory(path)) {
                try {
                    names.add(new TopicName(name));
                } catch (ProtocolException e) {
                    LOG.warn("{}: not a topic, left as it is ({})", path, e.getMessage());
                }
            }
        }
        LOG.info("{}: {} topics", directory, names.size());
        return names;
    }

    @Override
    public DurableLog newLog(TopicName name, DurableConfig config, int maxProducers, DurableLog.Owner owner) {
        SegmentFiles names = new SegmentFiles(directory.resolve(name.value()));
        LogFiles files = new LogFiles(disk, name, names, minFreeBytes, threads.readers());
        FileLog log = new FileLog(
                files,
                config,
                new KeptProducers(maxProducers),
                owner,
                threads,
                line(name),
                ended -> onEnd(name, ended));
        logs.add(log);
        return log;
    }

    private LogLine line(TopicName name) {
        return lines.compute(name, (key, present) -> {
                    SharedLine shared = present == null ? new SharedLine(new LogLine(threads.writers())) : present;
                    shared.logs++;
                    return shared;
                })
                .line;
    }

    private void onEnd(TopicName name, FileLog ended) {
        if (logs.remove(ended)) {
            lines.computeIfPresent(name, (key, shared) -> --shared.logs == 0 ? null : shared);
        }
    }

    /** Returns of how many topics it knows anything. */
    int size() {
        return Math.max(logs.size(), lines.size());
    }

    /**
     * Waits until what is being written is, for some seconds, and lets go of the directory. Its logs are closed before. Where the disk stands
     * still, the directory stays taken until the process ends: something may still be written.
     */
    @Override
    public void close() throws IOException {
        close(LAST_CALL);
    }

    void close(Duration timeout) throws IOException {
        boolean isQuiet = threads.close(timeout);
        logs.forEach(FileLog::onStorageClosed);
        if (isQuiet) {
            lock.close();
        } else {
            LOG.warn("{}: stays taken, the disk stands still", directory);
        }
    }
}
