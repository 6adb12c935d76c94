package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import org.jspecify.annotations.Nullable;

/** Whether a topic is sealed, draining or removed, and the refusals that follow. Confined to the topic's turn. */
final class TopicState {
    /** Tells a client that names an unknown topic how to find the right name. */
    private static final String HOW_TO_FIND = "; check the name: bowstring topics lists all";

    private final TopicName name;
    private boolean isSealed;
    private boolean isDraining;
    private boolean isRemoved;
    private @Nullable ProtocolException openFailure;
    private @Nullable ProtocolException storageRefusal;

    TopicState(TopicName name) {
        this.name = name;
    }

    /** Throws where nobody can attend the topic any more. */
    void requireOpen() {
        requireNotDraining();
        if (isRemoved) {
            throw removed();
        }
        if (openFailure != null) {
            throw openFailure;
        }
    }

    /** Throws where the disk takes nothing. */
    void requireWritable() {
        if (storageRefusal != null) {
            throw storageRefusal;
        }
    }

    /** Throws {@code SHUTTING_DOWN} where the server stops. */
    void requireNotDraining() {
        if (isDraining) {
            throw Broker.shuttingDown();
        }
    }

    /** Throws {@code TOPIC_SEALED} where nothing more may be appended. */
    void requireUnsealed() {
        if (isSealed) {
            throw sealed();
        }
    }

    boolean isSealed() {
        return isSealed;
    }

    boolean isDraining() {
        return isDraining;
    }

    void onSealed() {
        isSealed = true;
    }

    void onDraining() {
        isDraining = true;
    }

    void onRemoved() {
        isRemoved = true;
    }

    /** The topic's log cannot be read. */
    void onOpenFailed(ProtocolException reason) {
        openFailure = reason;
    }

    boolean hasOpenFailed() {
        return openFailure != null;
    }

    /** Publishers are refused with a reason from now on; null where they are not. */
    void setStorageRefusal(@Nullable ProtocolException reason) {
        storageRefusal = reason;
    }

    ProtocolException sealed() {
        return ProtocolException.of(ErrorCode.TOPIC_SEALED, "topic", name, "one that is not sealed");
    }

    ProtocolException removed() {
        return ProtocolException.of(ErrorCode.UNKNOWN_TOPIC, "topic", name, "one that has not been deleted");
    }

    /** Returns why there is nothing to be had of a topic without a schema. For any thread. */
    static ProtocolException unknown(TopicName name) {
        return ProtocolException.of(
                ErrorCode.UNKNOWN_TOPIC, "topic", name, "one that somebody has published to" + HOW_TO_FIND);
    }

    /** Returns why a subscription that does not wait gets nothing of a topic without a schema. For any thread. */
    static ProtocolException notThereYet(TopicName name) {
        return ProtocolException.of(
                ErrorCode.UNKNOWN_TOPIC, "topic", name, "an existing topic with bowstring.until = end" + HOW_TO_FIND);
    }
}
