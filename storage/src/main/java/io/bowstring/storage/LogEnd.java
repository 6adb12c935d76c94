package io.bowstring.storage;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Closes or deletes a log on its line, as the last thing that is done there. Whoever waits for it hears of it at the latest when the
 * storage is closed. Thread-safe.
 */
final class LogEnd {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final TopicName topic;
    private final LogLine line;
    private final StorageThreads threads;
    private volatile @Nullable CompletableFuture<Void> ending;

    LogEnd(TopicName topic, LogLine line, StorageThreads threads) {
        this.topic = topic;
        this.line = line;
        this.threads = threads;
    }

    /**
     * Has the line run a task, some time.
     *
     * @param task completes what it is given
     * @return done by the task; fails with a {@link ProtocolException} where no thread runs it any more
     */
    CompletionStage<Void> run(Consumer<CompletableFuture<Void>> task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ending = done;
        try {
            execute(() -> task.accept(done));
        } catch (RejectedExecutionException e) {
            onStorageClosed();
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(WriteRefusal.failed(topic, e));
        }
        if (threads.areClosed()) {
            onStorageClosed();
        }
        return done;
    }

    private void execute(Runnable task) {
        try {
            line.execute(task);
        } catch (OutOfMemoryError e) { // the line has the task, and there may be memory for a thread later
            threads.schedule(() -> execute(() -> {}), RETRY);
        }
    }

    /** No thread does anything any more: whoever waits hears so. */
    void onStorageClosed() {
        CompletableFuture<Void> waiting = ending;
        if (waiting != null) {
            waiting.completeExceptionally(new ProtocolException(
                    ErrorCode.STORAGE_FAILED, "topic " + topic + ": the storage was closed before its end"));
        }
    }
}
