package io.bowstring.storage;

import java.io.IOException;

/**
 * A segment that has been begun and not been synced: its names and its schema are, while more is written to it. So a topic whose older
 * segments are deleted from then on outlives a loss of power.
 *
 * @param segments of the log; borrowed
 */
record BegunSegment(LogFiles files, long firstOffset, Segments segments) implements DiskBacklog.Task {
    @Override
    public void run() throws IOException {
        if (!segments.has(firstOffset)) {
            return; // it has been dropped
        }
        try (DiskFile file = files.disk().open(files.names().segment(firstOffset))) {
            file.sync();
        }
        files.disk().syncDirectory(files.directory());
    }

    @Override
    public void abandon() {
        // It owns nothing.
    }
}
