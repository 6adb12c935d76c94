package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * A segment that has its end and has not been synced: it is synced, and gets the rest of its index, while the next one is written.
 *
 * @param writer owned
 * @param stored the same, as readers have it; borrowed
 * @param segments of the log; borrowed
 */
record EndedSegment(LogFiles files, SegmentWriter writer, StoredSegment stored, Segments segments)
        implements DiskBacklog.Task {
    /** May be repeated where memory was short. */
    @Override
    public void run() throws IOException {
        if (segments.has(writer.index().firstOffset())) {
            writer.finish();
            segments.end(stored);
        } else {
            deleteForGood();
        }
        abandon();
    }

    /** Without its end it must not come back after a loss of power: then those after it would be set aside, which are synced next. */
    private void deleteForGood() throws IOException {
        try {
            files.delete(writer.index().firstOffset());
        } catch (NoSuchFileException e) {
            // It has been deleted.
        }
        files.disk().syncDirectory(files.directory());
    }

    @Override
    public void abandon() {
        try {
            writer.close();
        } catch (IOException e) {
            // What had to be synced has been, or nobody needs it.
        }
    }
}
