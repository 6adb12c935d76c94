package io.bowstring.broker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes that a publisher has sent and its topic has not appended yet. It tells the publisher to stop reading if they are
 * more than a limit, or if memory is short and the topic is held back.
 *
 * <p>{@link #landed}, {@link #onMemory} and {@link #bytes} are for any thread; all else is confined to the publisher's executor.
 */
final class InFlight {
    private final PublicationListener listener;
    private final TopicMemory memory;
    private final TopicCounts counts;
    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private boolean isPaused;
    private boolean isOver;

    InFlight(PublicationListener listener, TopicMemory memory, TopicCounts counts, long maxBytes) {
        this.listener = listener;
        this.memory = memory;
        this.counts = counts;
        this.maxBytes = maxBytes;
    }

    /** So much more has come. */
    void add(long moreBytes) {
        bytes.addAndGet(moreBytes);
        memory.add(moreBytes);
        pauseIfAhead();
    }

    private void pauseIfAhead() {
        if (!isPaused && !isOver && (bytes.get() > maxBytes || memory.isHeldBack())) {
            isPaused = true;
            counts.onPaused();
            listener.onReadable(false);
        }
    }

    /** So much is no longer in flight; reading continues at half the limit. */
    void landed(long lessBytes) {
        long before = bytes.getAndAdd(-lessBytes);
        long resumeAt = maxBytes / 2;
        if (before > resumeAt && before - lessBytes <= resumeAt) {
            Steps.execute(listener.executor(), this::resume);
        }
    }

    /** The topic is held back because memory is short, or is not any more. */
    void onMemory() {
        Steps.execute(listener.executor(), () -> {
            pauseIfAhead();
            resume();
        });
    }

    private void resume() {
        if (isPaused && bytes.get() <= maxBytes && !memory.isHeldBack()) {
            isPaused = false;
            listener.onReadable(true);
        }
    }

    /** The publication is over: its publisher is not told to stop any more. */
    void end() {
        isOver = true;
    }

    long bytes() {
        return bytes.get();
    }
}
