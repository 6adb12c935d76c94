package io.bowstring.examples;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.storage.SegmentEnd;
import io.bowstring.vector.StreamView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Prints a line for each batch of a durable topic as it comes: {@code DIR}, the topic's directory. It reads the files that the server
 * writes, on the same machine, and copies nothing: batches are memory that both have mapped.
 */
public final class FollowFiles {
    private FollowFiles() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Optional<Path> segment = SegmentEnd.segmentAt(Path.of(args[0]), 0);
        while (segment.isPresent()) {
            segment = follow(segment.get());
        }
    }

    private static Optional<Path> follow(Path segment) throws IOException, InterruptedException {
        try (SegmentEnd end = SegmentEnd.of(segment);
                StreamView view = StreamView.map(segment, end)) {
            Optional<Path> next = Optional.empty();
            while (next.isEmpty()) {
                for (IpcMessage message = view.next(); message != null; message = view.next()) {
                    if (message instanceof IpcRecordBatch batch) {
                        System.out.println(BatchPosition.parse(batch).offset() + ": " + batch.rowCount() + " rows");
                    }
                    message.release();
                }
                Thread.sleep(10);
                next = end.following();
            }
            return next;
        }
    }
}
