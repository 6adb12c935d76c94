package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A subscriber in the JVM of its broker: gets the messages of a topic without a socket, and without a copy.
 *
 * <p>The receiver is called on the subscriber's executor, which must be one thread. While it is at work on a message
 * nothing else is delivered to it; if it is too slow for too long it meets the request's lag policy. So a receiver that
 * takes its time gets an executor of its own, and not an event loop of connections. Once the executor is shut down the
 * receiver is not called any more.
 *
 * <p>Thread-safe.
 */
public final class LocalSubscriber implements AutoCloseable {
    private final EventExecutor executor;
    private final TopicSubscription subscription;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private volatile boolean isClosed;

    private LocalSubscriber(Broker broker, SubscribeRequest request, EventExecutor executor, LocalReceiver receiver) {
        this.executor = executor;
        this.subscription = broker.subscribe(request, new Sink(receiver));
    }

    /**
     * Subscribes; waits, without blocking, where the topic has no publisher yet.
     *
     * @param executor where the receiver is called; stays the caller's
     * @param receiver gets what the topic has
     * @throws ProtocolException {@code UNKNOWN_TOPIC} where the topic may not be, {@code LIMIT_REACHED} where there are too
     *     many topics, {@code SHUTTING_DOWN}
     */
    public static LocalSubscriber open(
            Broker broker, SubscribeRequest request, EventExecutor executor, LocalReceiver receiver) {
        return new LocalSubscriber(broker, request, executor, receiver);
    }

    /**
     * Returns the end of the subscription: completed after the last message, at {@code until}, where the topic is sealed
     * or the broker drained, and after {@link #close()}; failed with a {@link ProtocolException} where it is refused or
     * cut.
     */
    public CompletionStage<Void> end() {
        return end;
    }

    /**
     * Ends the subscription, also where the topic is faster than the receiver; that may be in a last call meanwhile, on its
     * executor. Idempotent.
     */
    @Override
    public void close() {
        isClosed = true; // which ends the loop that keeps the executor from what follows
        Steps.execute(executor, () -> {
            subscription.cancel();
            end.complete(null);
        });
    }

    /** Confined to the executor. */
    private final class Sink implements SubscriptionSink {
        private final LocalReceiver receiver;

        private Sink(LocalReceiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public EventExecutor executor() {
            return executor;
        }

        @Override
        public boolean isWritable() {
            return !isClosed && !executor.isShutdown();
        }

        @Override
        public void start(IpcSchema schema) {
            write(schema);
        }

        @Override
        public void write(IpcMessage message) {
            receive(() -> receiver.onMessage(message), message::release);
        }

        @Override
        public boolean takesChunks() {
            return receiver.takesChunks();
        }

        @Override
        public void write(Chunk chunk) {
            receive(() -> receiver.onChunk(chunk), chunk::release);
        }

        private void receive(Runnable step, Runnable release) {
            try {
                if (isWritable()) {
                    step.run();
                }
            } finally {
                release.run();
            }
        }

        @Override
        public void flush() {}

        @Override
        public void complete() {
            end.complete(null);
        }

        @Override
        public void refuse(ProtocolException reason) {
            end.completeExceptionally(reason);
        }

        @Override
        public void cut(ProtocolException reason) {
            end.completeExceptionally(reason);
        }
    }
}
