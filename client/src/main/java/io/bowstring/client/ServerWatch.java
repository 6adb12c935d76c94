package io.bowstring.client;

import io.bowstring.protocol.TopicName;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that a server is silent which ought to say something, over one connection of a link. TCP says whether a machine is
 * there; this says whether it answers. Where silence may be right, the server is asked for something that it answers in any
 * case, over another connection. Confined to the link's event loop.
 */
final class ServerWatch {
    /** After this part of the time for an answer a subscription that has none looks for its topic. */
    private static final int ASKING_PART = 10;

    /** How far a publisher has come. */
    interface Progress {
        /** Returns whether the server owes an acknowledgement. */
        boolean isAwaited();

        /** Returns what changes with each acknowledgement. */
        long count();
    }

    private final Link link;
    private final EventLoop loop;
    private final TimeoutConfig timeouts;
    private @Nullable Future<?> due;
    private @Nullable Link search;

    ServerWatch(Link link, EventLoop loop, TimeoutConfig timeouts) {
        this.link = link;
        this.loop = loop;
        this.timeouts = timeouts;
    }

    /** Waits for the next message, and no longer than an answer may take; time in which the link does not read is not its. */
    void awaitAnswer(Consumer<ClientException> onSilent) {
        after(timeouts.answer(), () -> {
            if (link.isReading()) {
                onSilent.accept(silent("no answer within " + timeouts.answer().toMillis() + " ms", null));
            } else {
                awaitAnswer(onSilent);
            }
        });
    }

    /** Waits for the first message of a topic, which may have no publisher yet: {@code onMissing} is told the nearest one. */
    void awaitTopic(TopicName topic, Consumer<@Nullable String> onMissing) {
        awaitTopic(timeouts.answer().dividedBy(ASKING_PART), topic, onMissing);
    }

    private void awaitTopic(Duration unasked, TopicName topic, Consumer<@Nullable String> onMissing) {
        after(
                unasked,
                () -> ask(topic, "", (isThere, nearest) -> {
                    if (isThere) { // the answer must be on its way
                        awaitTopic(timeouts.answer(), topic, onMissing);
                    } else {
                        onMissing.accept(nearest);
                    }
                }));
    }

    /** Waits for acknowledgements, for as long as the connection is there. */
    void awaitProgress(TopicName topic, Progress progress) {
        awaitProgress(topic, progress, progress.count(), false);
    }

    /** Looks twice, so that what is awaited has been so for half the time at least. */
    private void awaitProgress(TopicName topic, Progress progress, long lastCount, boolean wasAwaited) {
        after(timeouts.peer().dividedBy(2), () -> {
            boolean isAwaited = progress.isAwaited() && progress.count() == lastCount;
            if (isAwaited && wasAwaited) {
                String prefix = topic.value(); // an answer is all that is wanted, so of few topics
                ask(topic, prefix, (isThere, nearest) -> awaitProgress(topic, progress));
            } else {
                awaitProgress(topic, progress, progress.count(), isAwaited);
            }
        });
    }

    private interface Answer {
        void accept(boolean isThere, @Nullable String nearest);
    }

    private void ask(TopicName topic, String prefix, Answer onAnswered) {
        Link asking = link.newSearchLink();
        search = asking;
        TopicSearch.begin(asking, topic, prefix, new TopicSearch.Seeker() {
            @Override
            public void onAnswered(boolean isThere, @Nullable String nearest) {
                if (asking.equals(search)) {
                    search = null;
                    onAnswered.accept(isThere, nearest);
                }
            }

            @Override
            public void onSilent(ClientException reason) {
                if (asking.equals(search)) {
                    search = null;
                    link.retryMute(silent("it does not answer: " + reason.getMessage(), reason));
                }
            }
        });
    }

    private static ConnectionLostException silent(String how, @Nullable Throwable cause) {
        return new ConnectionLostException("the server is silent: " + how, cause, true);
    }

    /** Waits, unless what was to be answered could not be written: then there is no connection by now. */
    private void after(Duration time, Runnable action) {
        stop();
        if (!link.isConnected()) {
            return;
        }
        due = loop.schedule(() -> link.guarded(action), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits for nothing any more. */
    void stop() {
        Future<?> waiting = due;
        if (waiting != null) {
            waiting.cancel(false);
            due = null;
        }
        Link asking = search;
        if (asking != null) {
            search = null;
            asking.close(true);
        }
    }
}
