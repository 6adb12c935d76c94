package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A publisher in the JVM of its broker: hands messages to a topic without a socket.
 *
 * <p>Nothing blocks. Whoever publishes faster than the topic takes it, because a subscription holds its window, asks
 * {@link #isWritable()} first: what is published in spite of it waits in memory.
 *
 * <p>Thread-safe; the messages of one thread keep their order.
 */
public final class LocalPublisher implements AutoCloseable {
    private static final long MAX_QUEUED_BYTES = 1 << 20;

    private final EventExecutor executor;
    private final Publication publication;
    private final TaskLine line;
    private final CompletableFuture<Long> end = new CompletableFuture<>();

    /** On their way to the executor; what is on its way from there to the topic is the publication's to count. */
    private final AtomicLong queuedBytes = new AtomicLong();

    private volatile boolean isTaken = true;

    private LocalPublisher(Broker broker, PublishRequest request, IpcSchema schema, EventExecutor executor) {
        this.executor = executor;
        this.line = new TaskLine(task -> Steps.execute(executor, task));
        this.publication = broker.publish(request, schema, new Listener());
    }

    /**
     * Begins to publish; whether it is refused is heard by {@link #end()}.
     *
     * @param schema of the batches to come; consumed
     * @param executor a thread for what the broker has to tell; stays the caller's, may be any event loop
     * @throws ProtocolException {@code UNKNOWN_TOPIC} where the topic may not be, {@code LIMIT_REACHED} where there are too
     *     many topics, {@code SHUTTING_DOWN}
     */
    public static LocalPublisher open(Broker broker, PublishRequest request, IpcSchema schema, EventExecutor executor) {
        return new LocalPublisher(broker, request, schema, executor);
    }

    /**
     * Publishes a message; dropped where the publication is over.
     *
     * @param message a dictionary batch or record batch of the schema, which is not checked; consumed
     */
    public void publish(IpcMessage message) {
        long bytes = message.frameBytes();
        queuedBytes.addAndGet(bytes);
        line.execute(() -> {
            queuedBytes.addAndGet(-bytes);
            publication.append(message);
        });
    }

    /** Returns whether more should be published now. */
    public boolean isWritable() {
        return isTaken && queuedBytes.get() <= MAX_QUEUED_BYTES;
    }

    /** Ends the stream in order and, where the request says so, seals the topic; returns {@link #end()}. */
    public CompletionStage<Long> finish() {
        line.execute(publication::finish);
        return end;
    }

    /**
     * Returns the end of the publication: completed when all is in the topic, after {@link #finish()} or {@link #close()},
     * with the offset of the last batch, -1 where there is none or the request wants no acknowledgements; failed with a
     * {@link ProtocolException} where the publication is refused.
     */
    public CompletionStage<Long> end() {
        return end;
    }

    /** Ends the stream without sealing; what was published stays. Without effect after {@link #finish()}. Idempotent. */
    @Override
    public void close() {
        line.execute(publication::abort);
    }

    /** Confined to the executor. */
    private final class Listener implements PublicationListener {
        private long lastOffset = -1;

        @Override
        public EventExecutor executor() {
            return executor;
        }

        @Override
        public void onAppended(long batches, long offset) {
            lastOffset = offset;
        }

        @Override
        public void onFinished() {
            end.complete(lastOffset);
        }

        @Override
        public void onRefused(ProtocolException reason) {
            end.completeExceptionally(reason);
        }

        @Override
        public void onReadable(boolean isReadable) {
            isTaken = isReadable;
        }
    }
}
