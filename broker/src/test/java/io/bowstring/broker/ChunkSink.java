package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;

/**
 * A subscriber that takes chunks and parts of files, and writes down which batches are in each: {@code 4-6}, {@code file 7-9}. Confined
 * to its executor.
 */
final class ChunkSink implements SubscriptionSink {
    final List<String> chunks = new ArrayList<>();

    /** So many chunks and parts it takes; then it is not writable. */
    int credit = Integer.MAX_VALUE;

    private final EventExecutor executor;
    private TopicSubscription subscription;

    ChunkSink(EventExecutor executor) {
        this.executor = executor;
    }

    void setSubscription(TopicSubscription subscription) {
        this.subscription = subscription;
    }

    /** Lets the sink take more, and tells the subscription. */
    void grant(int more) {
        executor.execute(() -> {
            credit = more;
            subscription.resume();
        });
    }

    void cancel() {
        executor.execute(subscription::cancel);
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public boolean isWritable() {
        return credit > 0;
    }

    @Override
    public void start(IpcSchema schema) {
        schema.release();
    }

    @Override
    public void write(IpcMessage message) {
        chunks.add("message");
        message.release();
    }

    @Override
    public boolean takesChunks() {
        return true;
    }

    @Override
    public void write(Chunk chunk) {
        credit--;
        chunks.add(chunk.firstOffset() + "-" + (chunk.firstOffset() + chunk.batchCount() - 1));
        chunk.release();
    }

    @Override
    public boolean takesFiles() {
        return true;
    }

    @Override
    public void write(FilePart part) {
        credit--;
        chunks.add("file " + part.firstOffset() + "-" + (part.firstOffset() + part.batchCount() - 1));
        part.release();
    }

    @Override
    public void flush() {}

    @Override
    public void complete() {}

    @Override
    public void refuse(ProtocolException reason) {}

    @Override
    public void cut(ProtocolException reason) {}
}
