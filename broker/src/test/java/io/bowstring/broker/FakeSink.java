package io.bowstring.broker;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that decodes what it gets and writes it down, one line for each call:
 *
 * <pre>
 *   start 3         dictionary 7 x     batch 3 = 30              flush      refuse UNKNOWN_TOPIC
 *   complete        delta 7 y          batch 6 = 60 gap 2        cut LAGGED
 * </pre>
 *
 * It fails on a call that {@link SubscriptionSink} rules out. Confined to its executor, but for tests on one thread.
 */
final class FakeSink implements SubscriptionSink {
    /** A message takes so much more than its frame in the queue of a socket. */
    private static final int QUEUE_BYTES = 96;

    final List<String> lines = new ArrayList<>();
    /** Frames that it takes before it is not writable; each takes one. */
    int credit = Integer.MAX_VALUE;

    List<IpcField> fields = List.of();
    Map<String, String> schemaMetadata = Map.of();
    /** The {@code custom_metadata} and the position of each batch. */
    final List<Map<String, String>> metadata = new ArrayList<>();

    final List<BatchPosition> positions = new ArrayList<>();
    String reason = "";
    /** Of all frames that were written. */
    long bytes;

    /** What waits in the same connection for others. */
    long othersBytes;

    /** What it fails with where it is asked what waits for it; null where it does not. */
    Error fault;

    /** It has no heap for a message that comes after so many others. */
    int writesUntilFault = Integer.MAX_VALUE;

    /** So many bytes of the messages that it keeps are sent. */
    long partBytes;

    /** Whether it keeps what it gets, as the queue of a socket does; the test then calls {@link #send()}. */
    boolean hoards;

    /** Whose topic it is that this makes; null where that does not count. */
    @Nullable
    Object source;

    /** Whether it keeps its schema likewise. */
    boolean hoardsSchema;

    private final List<IpcMessage> hoard = new ArrayList<>();
    private final EventExecutor executor;
    private final FrameReader client = new FrameReader();
    private TopicSubscription subscription;
    private boolean isStarted;
    private boolean isOver;

    FakeSink(EventExecutor executor) {
        this.executor = executor;
    }

    void setSubscription(TopicSubscription subscription) {
        this.subscription = subscription;
    }

    boolean isOver() {
        return isOver;
    }

    /** Takes the lines that were written since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /** Returns the values of the batches since the lines were taken last. */
    List<Long> values() {
        return lines.stream()
                .filter(line -> line.startsWith("batch"))
                .map(line -> Long.parseLong(line.split(" ")[3]))
                .toList();
    }

    /** Releases what it has kept. */
    void send() {
        send(hoard.size());
        if (isOver) {
            subscription.onSent();
        }
    }

    /** Releases so many messages of what it has kept, the oldest first. */
    void send(int messages) {
        List<IpcMessage> sent = hoard.subList(0, Math.min(messages, hoard.size()));
        sent.forEach(IpcMessage::release);
        sent.clear();
    }

    @Override
    public long pendingBytes() {
        if (fault != null) {
            throw fault;
        }
        return othersBytes + hoard.stream().mapToLong(IpcMessage::frameBytes).sum();
    }

    @Override
    public long unsentBytes() {
        return pendingBytes() + (long) QUEUE_BYTES * hoard.size() - partBytes;
    }

    /** Lets the sink take more frames and tells the subscription. */
    void grant(int frames) {
        executor.execute(() -> {
            credit = frames;
            subscription.resume();
        });
    }

    /** The subscriber goes away. */
    void cancel() {
        executor.execute(() -> {
            subscription.cancel();
            isOver = true;
            send();
        });
    }

    @Override
    public @Nullable Object source() {
        return source;
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
        called(false);
        isStarted = true;
        fields = schema.fields();
        schemaMetadata = schema.schemaMetadata();
        if (hoardsSchema) {
            hoard.add(schema.retain());
        }
        lines.add("start " + schemaMetadata.get("bowstring.offset"));
        client.read(schema.frame()).release();
    }

    @Override
    public void write(IpcMessage written) {
        called(true);
        credit--;
        if (writesUntilFault-- == 0) {
            written.release();
            throw new OutOfMemoryError("exhausted by the test");
        }
        if (hoards) {
            hoard.add(written.retain());
        }
        bytes += written.frameBytes();
        IpcMessage message = client.read(written.frame());
        if (message instanceof IpcDictionaryBatch batch) {
            lines.add((batch.isDelta() ? "delta " : "dictionary ") + batch.id() + " " + DictionaryFrames.text(batch));
        } else if (message instanceof IpcRecordBatch batch) {
            BatchPosition position = BatchPosition.parse(batch);
            metadata.add(batch.customMetadata());
            positions.add(position);
            long value = batch.buffer(1, Long.BYTES).readLongLE();
            String gap = position.gap() == 0 ? "" : " gap " + position.gap();
            lines.add("batch " + position.offset() + " = " + value + gap);
        }
        message.release();
    }

    @Override
    public void flush() {
        called(true);
        lines.add("flush");
    }

    @Override
    public void complete() {
        called(true);
        end("complete");
    }

    @Override
    public void refuse(ProtocolException refusal) {
        called(false);
        reason = refusal.getMessage();
        end("refuse " + refusal.code());
    }

    @Override
    public void cut(ProtocolException cause) {
        called(true);
        reason = cause.getMessage();
        end("cut " + cause.code());
        send(); // as the close of a socket does
    }

    @Override
    public void abandon(ProtocolException cause) {
        if (!isOver) {
            throw new IllegalStateException("called out of order, after " + lines);
        }
        reason = cause.getMessage();
        lines.add("abandon " + cause.code());
        send();
    }

    private void end(String line) {
        lines.add(line);
        isOver = true;
    }

    private void called(boolean expectsStart) {
        if (isOver || isStarted != expectsStart || !executor.inEventLoop()) {
            throw new IllegalStateException("called out of order, or on a wrong thread, after " + lines);
        }
    }
}
