package io.bowstring.storage;

import io.bowstring.broker.FilePart;
import io.bowstring.broker.LogPiece;
import io.bowstring.broker.LogReader;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic's segments for a subscription. Where bytes are not as they were written, what they had is missing, and it continues after
 * them. Confined to one thread at a time, which waits for the disk in {@link #next}.
 */
final class FileLogReader implements LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(FileLogReader.class);

    /** So much goes to a socket at once, unless what was written at once has more. */
    private static final long FILE_BYTES = 4 << 20;

    private final TopicName topic;
    private final SegmentsReader reader;

    FileLogReader(TopicName topic, Segments segments, long offset, IntFunction<ByteBuf> allocate) {
        this.topic = topic;
        this.reader = new SegmentsReader(segments, offset, allocate);
    }

    @Override
    public @Nullable LogPiece next(long until) {
        while (true) {
            try {
                return reader.next(until);
            } catch (DamagedRangeException e) {
                if (!reader.tryRefine(e)) {
                    LOG.error("topic {}: {}", topic, e.getMessage());
                    reader.skip(e);
                }
            } catch (IOException e) {
                throw unreadable(topic, e);
            }
        }
    }

    @Override
    public @Nullable FilePart nextFile(long until) {
        return reader.nextFile(until, FILE_BYTES);
    }

    /**
     * Returns the offset of the first batch of a time or a later one, or one after it where it is damaged; empty where there is none, or
     * it is no longer wanted.
     *
     * @throws ProtocolException {@code STORAGE_FAILED} where the disk fails
     */
    static OptionalLong offsetOfTime(
            TopicName topic, Segments segments, long micros, IntFunction<ByteBuf> allocate, BooleanSupplier isWanted) {
        while (true) {
            try {
                return SegmentsReader.firstOffsetAtOrAfter(segments, micros, allocate, isWanted);
            } catch (DamagedRangeException e) {
                if (!segments.tryRefine(e)) {
                    LOG.error("topic {}: {}", topic, e.getMessage());
                    return OptionalLong.of(e.nextOffset(0));
                }
            } catch (IOException e) {
                throw unreadable(topic, e);
            }
        }
    }

    /** Returns what a subscription hears where the disk cannot be read, and tells the log. */
    private static ProtocolException unreadable(TopicName topic, IOException e) {
        LOG.error("topic {}: cannot be read", topic, e);
        return new ProtocolException(
                ErrorCode.STORAGE_FAILED, "the disk of topic " + topic + " cannot be read: " + e.getMessage());
    }

    @Override
    public void close() {
        reader.close();
    }
}
