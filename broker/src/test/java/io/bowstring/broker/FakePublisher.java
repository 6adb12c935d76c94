package io.bowstring.broker;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublicationStart;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A publisher that writes down what it hears, one line for each call:
 *
 * <pre>
 *   accepted 7    appended 2 @1    readable false    finished    refused TOPIC_SEALED
 * </pre>
 *
 * Confined to its executor, but for tests on one thread.
 */
final class FakePublisher implements PublicationListener {
    final List<String> lines = new ArrayList<>();
    String reason = "";
    boolean isReadable = true;

    private final EventExecutor executor;
    private final ByteBufAllocator allocator;
    private final @Nullable Object source;
    private Publication publication;

    FakePublisher(EventExecutor executor, ByteBufAllocator allocator, @Nullable Object source) {
        this.executor = executor;
        this.allocator = allocator;
        this.source = source;
    }

    @Override
    public @Nullable Object source() {
        return source;
    }

    void setPublication(Publication publication) {
        this.publication = publication;
    }

    /** Runs a step while the topic is busy with it: what the step has others do there comes after it. */
    void whileBusy(Runnable step) {
        publication.topic().execute(step);
    }

    /** Its topic, and no other, hears that the broker stops. */
    void drainTopic() {
        publication.topic().execute(publication.topic()::onDrain);
    }

    /** Returns the offset of the next batch of the topic. */
    long nextOffset() {
        return publication.topic().log().committedOffset();
    }

    /** Takes the lines that were written since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /** Sends one batch of one column for each value. */
    FakePublisher send(long... values) {
        for (long value : values) {
            send(Messages.batch(value, allocator));
        }
        return this;
    }

    /** Sends a batch with metadata of the publisher's own. */
    FakePublisher send(long value, Map<String, String> metadata) {
        return send(Messages.batch(value, allocator).edited(new IpcMetadataEdit("", metadata), allocator));
    }

    /** Sends batches whose values are their numbers. */
    FakePublisher sendNumbered(long... sequences) {
        for (long sequence : sequences) {
            send(sequence, Map.of("bowstring.sequence", Long.toString(sequence)));
        }
        return this;
    }

    FakePublisher sendDictionary(long id, String text) {
        return send(Messages.dictionary(id, text, allocator));
    }

    FakePublisher sendDelta(long id, String text) {
        return send(Messages.delta(id, text, allocator));
    }

    /** Sends a message, which is consumed. */
    FakePublisher send(IpcMessage message) {
        executor.execute(() -> publication.append(message));
        return this;
    }

    /** Sends batches that have come together, which are consumed. */
    FakePublisher send(IpcRecordBatchRun run) {
        executor.execute(() -> publication.append(run));
        return this;
    }

    FakePublisher finish() {
        executor.execute(() -> publication.finish());
        return this;
    }

    FakePublisher abort() {
        executor.execute(() -> publication.abort());
        return this;
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public void onAccepted(PublicationStart start) {
        called("accepted " + start.lastSequence());
    }

    @Override
    public void onAppended(long batches, long lastOffset) {
        called("appended " + batches + " @" + lastOffset);
    }

    @Override
    public void onFinished() {
        called("finished");
    }

    @Override
    public void onRefused(ProtocolException refusal) {
        reason = refusal.getMessage();
        called("refused " + refusal.code());
    }

    @Override
    public void onReadable(boolean readable) {
        isReadable = readable;
        called("readable " + readable);
    }

    private void called(String line) {
        if (!executor.inEventLoop()) {
            throw new IllegalStateException("called on a wrong thread: " + line);
        }
        lines.add(line);
    }
}
