package io.bowstring.broker;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublicationStart;
import org.jspecify.annotations.Nullable;

/**
 * Tells one publisher, in this order, that its publication is accepted, which of its batches are committed, and how the publication has
 * ended. Calls the {@link PublicationListener} on its executor.
 *
 * <p>Confined to the topic's turn.
 */
final class PublisherAnswers {
    private final PublicationListener listener;
    private final InFlight inFlight;
    private final TopicLog log;
    private final TaskLine toPublisher;
    private final Acknowledgements acknowledgements = new Acknowledgements();

    /** The last batch that is in the topic. */
    private long lastOffset = -1;

    /** The publisher hears this when all earlier batches of its producer are committed; null where it has heard it. */
    private @Nullable PublicationStart start;

    private long startOffset;

    /**
     * Creates what has told nothing yet.
     *
     * @param listener hears it
     * @param inFlight stops to pause the publisher when that hears of the end
     * @param log the topic's, which says what is committed
     */
    PublisherAnswers(PublicationListener listener, InFlight inFlight, TopicLog log) {
        this.listener = listener;
        this.inFlight = inFlight;
        this.log = log;
        this.toPublisher = new TaskLine(task -> Steps.execute(listener.executor(), task));
    }

    /** The topic takes the publication of a producer, which has published before: last the batch at an offset, or nothing. */
    void onAccepted(PublicationStart accepted, long producerOffset) {
        start = accepted;
        startOffset = producerOffset;
        tellStart();
    }

    private void tellStart() {
        PublicationStart told = start;
        if (told != null && log.isCommitted(startOffset)) {
            toPublisher.execute(() -> listener.onAccepted(told));
            start = null;
        }
    }

    /**
     * So many more batches are in the topic.
     *
     * @param offset of the last that was appended
     * @param isTold whether the publisher is told when they are committed
     */
    void onInTopic(int count, long offset, boolean isTold) {
        lastOffset = offset;
        if (isTold) {
            acknowledgements.add(count, offset);
        }
    }

    /** Batches of the topic have been committed. */
    void onCommitted() {
        tellStart();
        tellCommitted();
    }

    /** Tells of the batches that are committed, where the publisher does not know: once for many. */
    void tellCommitted() {
        acknowledgements.tell(log.committedOffset(), this::tellCommitted);
    }

    private void tellCommitted(long batches, long offset) {
        toPublisher.execute(() -> listener.onAppended(batches, offset));
    }

    /** Returns whether all is committed that is in the topic, and the publisher does not wait to be accepted. */
    boolean isAllCommitted() {
        return start == null && log.isCommitted(lastOffset);
    }

    /** The publication has ended in order. */
    void finish() {
        end(listener::onFinished);
    }

    /** The publication has ended for a reason. */
    void refuse(ProtocolException reason) {
        end(() -> listener.onRefused(reason));
    }

    /** Says the last of what the listener hears, but that it may read on. */
    private void end(Runnable last) {
        toPublisher.execute(() -> {
            inFlight.end();
            last.run();
        });
    }
}
