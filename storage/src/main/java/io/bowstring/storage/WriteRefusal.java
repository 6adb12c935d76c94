package io.bowstring.storage;

import io.bowstring.broker.DurableLog;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a topic's log takes nothing: for now, where the disk is full, or for good, where it has failed. Tells the topic and the server's
 * log. Confined to the topic's line.
 */
final class WriteRefusal {
    private static final Logger LOG = LoggerFactory.getLogger(WriteRefusal.class);

    private final TopicName topic;
    private final DurableLog.Owner owner;
    private @Nullable ProtocolException reason;

    /** Creates one of nothing. */
    WriteRefusal(TopicName topic, DurableLog.Owner owner) {
        this.topic = topic;
        this.owner = owner;
    }

    /** Returns whether nothing more is ever written. */
    boolean isFinal() {
        return reason != null && reason.code() == ErrorCode.STORAGE_FAILED;
    }

    /**
     * Something has failed.
     *
     * @param isOnDiskKnown whether it is known what is on disk; else nothing is tried again
     * @return whether it is to be tried again
     */
    boolean onFailure(Throwable failure, boolean isOnDiskKnown) {
        boolean isFull = failure instanceof OutOfMemoryError
                || (failure instanceof IOException io && DiskFullException.isDiskFull(io));
        if (!isFull || !isOnDiskKnown) {
            LOG.error("topic {}: the disk has failed, nothing more is written", topic, failure);
            refuse(failed(topic, failure));
            return false;
        }
        if (reason == null) {
            LOG.warn("topic {}: {}", topic, failure.getMessage());
            refuse(new ProtocolException(ErrorCode.STORAGE_FULL, String.valueOf(failure.getMessage())));
        }
        return true;
    }

    private void refuse(ProtocolException why) {
        reason = why;
        owner.onRefused(why);
    }

    /** All that waited has been written. */
    void onWritten() {
        if (reason != null) {
            reason = null;
            LOG.info("topic {}: there is room on the disk again", topic);
            owner.onRefused(null);
        }
    }

    /** Returns what somebody is told of a disk that has failed. */
    static ProtocolException failed(TopicName topic, Throwable failure) {
        return new ProtocolException(
                ErrorCode.STORAGE_FAILED, "the disk of topic " + topic + " has failed: " + failure.getMessage());
    }
}
