package io.bowstring.storage;

import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableLog;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what a log has more than it may keep, and deletes the segments that nobody needs. Confined to the log's line.
 */
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private final LogFiles files;
    private final DurableConfig config;
    private final Segments segments;
    private final DurableLog.Owner owner;
    private final DiskBacklog backlog;

    /** Creates the retention of a log whose segments are deleted by a backlog. */
    Retention(LogFiles files, DurableConfig config, Segments segments, DurableLog.Owner owner, DiskBacklog backlog) {
        this.files = files;
        this.config = config;
        this.segments = segments;
        this.owner = owner;
        this.backlog = backlog;
    }

    /** Wants to drop what is more than the configuration allows, or older. */
    void look(long firstOffset, long nowMicros) {
        long surplusBefore = segments.surplusBefore(config, nowMicros);
        if (surplusBefore > firstOffset) {
            owner.onSurplus(surplusBefore);
        }
    }

    /** Drops the segments that have no batch from an offset on. */
    void dropBefore(long offset) {
        segments.removeBefore(offset).forEach(dropped -> backlog.add(new Dropped(dropped)));
    }

    /** A segment that nobody begins to read any more. */
    private final class Dropped implements DiskBacklog.Task {
        private final StoredSegment segment;

        private Dropped(StoredSegment segment) {
            this.segment = segment;
        }

        @Override
        public void run() {
            try {
                files.delete(segment.index().firstOffset());
            } catch (NoSuchFileException e) {
                // It was deleted before it was synced.
            } catch (IOException e) {
                LOG.warn(
                        "topic {}: {} cannot be deleted",
                        files.topic(),
                        segment.file(),
                        e); // it is found again at the next start
            }
        }

        @Override
        public void abandon() {
            // All files are deleted with the topic, or this one is found again at the next start.
        }
    }
}
