package io.bowstring.it;

import io.bowstring.broker.Broker;
import io.bowstring.broker.SubscriptionSink;
import io.bowstring.broker.TopicSubscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.vector.BatchReader;
import io.bowstring.vector.VectorBatch;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A subscriber in the JVM of its broker that takes as many batches as it is allowed to, and leaves when it has enough. Confined to its
 * executor, but for what says that it is for the test's thread.
 */
final class Joiner implements SubscriptionSink {
    /** A batch, and where it was. */
    record Joined(long offset, TopicRecord.Entry entry) {}

    private final EventExecutor executor;
    private final long limit;
    private final BatchReader reader;
    private final Consumer<Joined> onBatch;
    private final CompletableFuture<TopicSubscription> subscription = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private long taken;
    private long credits;

    /**
     * Creates one that may take nothing yet.
     *
     * @param limit of batches, then it leaves
     * @param onBatch gets each of them, on the executor
     */
    Joiner(EventExecutor executor, long limit, Consumer<Joined> onBatch, BufferAllocator allocator) {
        this.executor = executor;
        this.limit = limit;
        this.onBatch = onBatch;
        this.reader = new BatchReader(allocator);
    }

    /** Joins. For the test's thread. */
    void join(Broker broker, SubscribeRequest request) {
        subscription.complete(broker.subscribe(request, this));
    }

    /** Allows it to take more batches. For the test's thread. */
    void allow(long batches) {
        executor.execute(() -> {
            credits += batches;
            if (!end.isDone()) {
                subscription.join().resume();
            }
        });
    }

    /** Leaves. On the executor. */
    void leave() {
        subscription.thenAcceptAsync(TopicSubscription::cancel, executor); // which may not be known yet
        complete();
    }

    /** Returns its end; it fails where this has been refused or cut, or has got what it should not. For any thread. */
    CompletableFuture<Void> end() {
        return end;
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public boolean isWritable() {
        return credits > 0 && !end.isDone();
    }

    @Override
    public void start(IpcSchema schema) {
        write(schema);
    }

    @Override
    public void write(IpcMessage message) {
        if (end.isDone()) {
            message.release();
            return;
        }
        try (VectorBatch batch = reader.read(message)) {
            if (batch != null) {
                add(batch);
            }
        } catch (RuntimeException | AssertionError e) {
            end(e);
        }
    }

    private void add(VectorBatch batch) {
        BatchPosition position = BatchPosition.parse(batch.customMetadata());
        if (position.gap() != 0) {
            throw new IllegalStateException(position + " (expected: no gap)");
        }
        NumberedBatch found = NumberedBatch.of(batch.root(), batch.dictionaries());
        onBatch.accept(new Joined(position.offset(), new TopicRecord.Entry(found, position.timeMicros())));
        taken++;
        credits--;
        if (taken == limit) {
            leave();
        }
    }

    @Override
    public void flush() {}

    @Override
    public void complete() {
        reader.close();
        end.complete(null);
    }

    @Override
    public void refuse(ProtocolException reason) {
        end(reason);
    }

    @Override
    public void cut(ProtocolException reason) {
        end(reason);
    }

    private void end(Throwable reason) {
        reader.close();
        end.completeExceptionally(new AssertionError("after " + taken + " batches", reason));
    }
}
