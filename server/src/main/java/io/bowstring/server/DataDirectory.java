package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableOverride;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicStorage;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.storage.FileStorage;
import io.netty.buffer.ByteBufAllocator;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a server keeps its durable topics, if it has a directory for that. Owns what it opens there. Confined to the thread that
 * starts and stops the server.
 */
final class DataDirectory implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

    private final @Nullable Path path;
    private final @Nullable FileStorage storage;

    private DataDirectory(@Nullable Path path, @Nullable FileStorage storage) {
        this.path = path;
        this.storage = storage;
    }

    /**
     * Opens the directory, where there is one to open. Blocks.
     *
     * @throws StorageException where it cannot be used
     */
    static DataDirectory open(StorageConfig config, ByteBufAllocator allocator) throws StorageException {
        Path path = config.data();
        if (path == null) {
            return new DataDirectory(null, null);
        }
        try {
            FileStorage storage = FileStorage.open(path, config.minFreeBytes(), allocator, InstantSource.system());
            return new DataDirectory(path, storage);
        } catch (IOException e) {
            throw new StorageException(path, e);
        }
    }

    /** Returns where durable topics are kept; null where all are in memory alone. */
    @Nullable
    TopicStorage storage() {
        return storage;
    }

    /**
     * Opens the topics that are kept; says so in the log, and what a loss of power may take. Blocks until their names are known.
     *
     * @throws StorageException where they cannot be found out
     */
    void openTopics(Broker broker, BrokerConfig config) throws StorageException {
        if (path == null) {
            return;
        }
        policies(config)
                .forEach(policy -> LOG.info(
                        "sync = {}", lossWindow(policy, config.topic().durable().syncInterval())));
        long startNanos = System.nanoTime();
        try {
            broker.open()
                    .thenRun(() -> LOG.info("{}: all topics are open, after {} ms", path, millisSince(startNanos)));
        } catch (IOException | ProtocolException e) {
            throw new StorageException(path, e);
        }
    }

    private static long millisSince(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos).toMillis();
    }

    /** Returns when what topics have written survives a loss of power, by what may hold of some topic. */
    private static Set<SyncPolicy> policies(BrokerConfig config) {
        Set<SyncPolicy> policies = EnumSet.noneOf(SyncPolicy.class);
        DurableConfig common = config.topic().durable();
        if (common.isDurable()) {
            policies.add(common.sync());
        }
        for (TopicOverride override : config.overrides()) {
            DurableOverride durable = override.durable();
            if (durable.sync() != null) {
                policies.add(durable.sync());
            } else if (Boolean.TRUE.equals(durable.isDurable())) {
                policies.add(common.sync());
            }
        }
        return policies;
    }

    private static String lossWindow(SyncPolicy policy, Duration interval) {
        return switch (policy) {
            case ALWAYS -> "always: a loss of power loses nothing that was acknowledged";
            case INTERVAL ->
                "interval: a loss of power may lose what was acknowledged in the last " + ConfigValue.text(interval);
            case OS ->
                "os: a loss of power may lose what the operating system has not written; a kill of the server loses nothing";
        };
    }

    /** Lets go of the directory; the broker has been closed before. Waits for some seconds for what is being written. */
    @Override
    public void close() {
        if (storage != null) {
            try {
                storage.close();
            } catch (IOException e) {
                LOG.warn("{}: {}", path, String.valueOf(e));
            }
        }
    }
}
