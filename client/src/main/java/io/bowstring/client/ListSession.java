package io.bowstring.client;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.Refusal;

/** One table of topics: a reply that is asked for again until it has begun. Confined to the link's event loop. */
final class ListSession implements LinkOwner {
    private final Link link;
    private final ListRequest request;
    private final MessageSink sink;
    private boolean hasBegun;

    ListSession(Link link, ListRequest request, MessageSink sink) {
        this.link = link;
        this.request = request;
        this.sink = sink;
    }

    @Override
    public void onConnected() {
        if (hasBegun) {
            link.fail(ConnectionFailures.broken(null));
        } else {
            link.send(request);
            link.watch().awaitAnswer(link::retryMute);
        }
    }

    @Override
    public void onMessage(IpcMessage message) {
        if (message instanceof IpcSchema schema) {
            Refusal refusal = Refusal.parse(schema);
            if (refusal != null) {
                message.release();
                link.fail(new RefusedException(refusal));
                return;
            }
            hasBegun = true;
            link.onAccepted();
        }
        if (message instanceof IpcEndOfStream) {
            link.close(false);
            sink.onEnd();
        } else {
            requireMark(message);
            sink.onMessage(message);
            link.watch().awaitAnswer(link::fail);
        }
    }

    /** Checks what whoever takes a batch may ask for; {@code message} is consumed where this throws. */
    private static void requireMark(IpcMessage message) {
        if (message instanceof IpcRecordBatch batch) {
            try {
                BatchPosition.parse(batch);
            } catch (RuntimeException | Error e) {
                batch.release();
                throw e;
            }
        }
    }

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailed(ClientException reason) {
        sink.onFailed(reason);
    }
}
