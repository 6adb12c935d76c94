package io.bowstring.storage;

import java.io.IOException;

/**
 * A segment that has its end and has not been synced: it is synced, and gets the rest of its index, while the next one is written.
 *
 * @param writer owned
 * @param stored the same, as readers have it; borrowed
 * @param segments of the log; borrowed
 */
record EndedSegment(SegmentWriter writer, StoredSegment stored, Segments segments) implements DiskBacklog.Task {
    @Override
    public void run() throws IOException {
        try (writer) {
            if (!stored.isRemoved()) {
                writer.finish();
                segments.end(stored);
            }
        }
    }

    @Override
    public void abandon() {
        try {
            writer.close();
        } catch (IOException e) {
            // The log has failed, or is deleted.
        }
    }
}
