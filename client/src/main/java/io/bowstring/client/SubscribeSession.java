package io.bowstring.client;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.FieldMatch;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.SubscriptionStart;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stream of a topic, over as many connections as it takes: each begins where the one before it ended. In a log that has
 * begun again, as after a restart of the server, it continues from the earliest batch.
 *
 * <p>A live reply that ends in order is asked for once more, after its last batch: if that ends as well, the topic is
 * sealed; if not, the server was stopping.
 *
 * <p>Confined to the link's event loop.
 */
final class SubscribeSession implements LinkOwner {
    private final Link link;
    private final SubscribeRequest request;
    private final boolean isResuming;
    private final MessageSink sink;

    /** Of the first reply; null until it has begun. */
    private @Nullable List<IpcField> fields;

    private Map<Long, Long> dictionaryIds = Map.of();
    private String log = "";
    private long nextOffset = -1;

    /** The log is gone, or what comes next in it: the next reply begins with what there is. */
    private boolean isStartingOver;

    /** The topic is not there, and that has been told. */
    private boolean isWaiting;

    /** A live reply has ended, and nothing has come since. */
    private boolean hasEnded;

    /** Of this log, and not counted in a batch yet. */
    private long missedBatches;

    /** Creates the session; {@code isResuming} is whether it outlives a connection. */
    SubscribeSession(Link link, SubscribeRequest request, boolean isResuming, MessageSink sink) {
        this.link = link;
        this.request = request;
        this.isResuming = isResuming;
        this.sink = sink;
    }

    @Override
    public void onConnected() {
        ask();
    }

    private void ask() {
        link.send(nextRequest());
        link.watch().awaitTopic(request.topic(), this::onMissing);
    }

    /** The server has no such topic yet. */
    private void onMissing(@Nullable String nearest) {
        if (!isWaiting) {
            isWaiting = true;
            link.events().onWaiting(nearest);
        }
    }

    private SubscribeRequest nextRequest() {
        if (nextOffset < 0) {
            return request;
        }
        StartPosition from = isStartingOver ? StartPosition.EARLIEST : StartPosition.offset(nextOffset);
        return new SubscribeRequest(request.topic(), from, request.until(), request.onLag(), request.columns());
    }

    @Override
    public void onMessage(IpcMessage message) {
        if (message instanceof IpcSchema schema) {
            onSchema(schema);
        } else if (message instanceof IpcRecordBatch batch) {
            onBatch(batch);
        } else if (message instanceof IpcDictionaryBatch dictionary) {
            long id = dictionaryIds.getOrDefault(dictionary.id(), dictionary.id());
            sink.onMessage(id == dictionary.id() ? dictionary : dictionary.withId(id, link.allocator()));
        } else {
            message.release();
            onEnd();
        }
    }

    private void onSchema(IpcSchema schema) {
        List<IpcField> present = fields;
        boolean isFirst = present == null;
        boolean isHandedOn = false;
        try {
            Refusal refusal = Refusal.parse(schema);
            if (refusal != null) {
                onRefused(new RefusedException(refusal));
                return;
            }
            SubscriptionStart start = SubscriptionStart.parse(schema);
            boolean isResumed = nextOffset >= 0;
            if (isResumed && !(start.log().equals(log) ? onSameLog(start) : onOtherLog(start))) {
                return;
            }
            if (present != null) {
                dictionaryIds = FieldMatch.dictionaryIds(present, schema.fields());
            }
            begin(start);
            isHandedOn = isFirst;
        } finally {
            if (!isHandedOn) {
                schema.release();
            }
        }
        if (isFirst) {
            List<IpcField> first = schema.fields();
            sink.onMessage(schema.toKeep(link.allocator()));
            fields = first; // not before: where there is no memory to hand it on, it is asked for again
        }
    }

    private void begin(SubscriptionStart start) {
        if (!start.log().equals(log)) {
            missedBatches = 0;
        } else if (isStartingOver) {
            missedBatches += Math.max(0, start.offset() - nextOffset);
        }
        isStartingOver = false;
        isWaiting = false;
        log = start.log();
        nextOffset = start.offset();
        link.onAccepted();
    }

    /** Returns whether the reply begins with what comes next, or what is gone may be missed. */
    private boolean onSameLog(SubscriptionStart start) {
        if (start.offset() > nextOffset && request.onLag() != LagPolicy.DROP) {
            link.fail(new LaggedException(request.topic(), nextOffset, start.offset()));
            return false;
        }
        return true;
    }

    /** Returns whether the reply is what is wanted of the other log. */
    private boolean onOtherLog(SubscriptionStart start) {
        if (request.until().kind() != EndPosition.Kind.LIVE) {
            link.fail(new ConnectionLostException(
                    "the topic has begun again before the subscription came to " + request.until(), null));
            return false;
        }
        hasEnded = false;
        if (!isStartingOver) {
            startOver();
            return false;
        }
        link.events().onNewLog(start.log());
        return true;
    }

    private void startOver() {
        isStartingOver = true;
        link.reopen();
    }

    private void onBatch(IpcRecordBatch batch) {
        BatchPosition position;
        try {
            position = BatchPosition.parse(batch);
        } catch (RuntimeException | Error e) {
            batch.release();
            throw e;
        }
        hasEnded = false;
        IpcRecordBatch marked = batch;
        if (missedBatches > 0) {
            BatchPosition missed =
                    new BatchPosition(position.offset(), position.timeMicros(), position.gap() + missedBatches);
            marked = batch.edited(missed.toEdit(), link.allocator());
        }
        sink.onMessage(marked);
        // Not before: where there is no memory to mark it or to hand it on, it is asked for again.
        missedBatches = 0;
        nextOffset = position.offset() + 1;
    }

    private void onEnd() {
        if (!isResuming || hasEnded || request.until().kind() != EndPosition.Kind.LIVE) {
            link.close(false);
            sink.onEnd();
        } else {
            hasEnded = true;
            ask();
        }
    }

    private void onRefused(RefusedException reason) {
        boolean isResumed = isResuming && nextOffset >= 0 && !isStartingOver;
        boolean isLive = request.until().kind() == EndPosition.Kind.LIVE;
        boolean isBehindTheLog = reason.code() == ErrorCode.BAD_REQUEST && isLive;
        boolean isExpired =
                reason.code() == ErrorCode.OFFSET_EXPIRED; // how many are gone is told by where it begins now
        if (reason.isTransient()) {
            // A server that stops may answer the request once more before it closes the connection: one stop, one
            // reason.
            link.retry(reason.code() == ErrorCode.SHUTTING_DOWN ? reason(reason) : reason);
        } else if (isResumed && (isBehindTheLog || isExpired)) {
            startOver();
        } else {
            link.fail(reason);
        }
    }

    /** A reply that ends and a connection that does so then are a stop: a sealed topic would have ended again. */
    @Override
    public ClientException reason(ClientException lost) {
        return hasEnded ? new ConnectionLostException("the server has stopped", lost) : lost;
    }

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailed(ClientException reason) {
        sink.onFailed(reason);
    }
}
