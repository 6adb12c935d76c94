package io.bowstring.client;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.DeleteRequest;
import io.bowstring.protocol.Refusal;
import java.util.concurrent.CompletableFuture;

/**
 * The deletion of one topic. It is asked for once: where the connection is lost then, the topic may be gone, and another of
 * that name may be there already. Confined to the link's event loop.
 */
final class DeleteSession implements LinkOwner {
    private final Link link;
    private final DeleteRequest request;
    private final CompletableFuture<Void> done;
    private boolean hasAsked;

    DeleteSession(Link link, DeleteRequest request, CompletableFuture<Void> done) {
        this.link = link;
        this.request = request;
        this.done = done;
    }

    @Override
    public void onConnected() {
        if (hasAsked) {
            link.fail(ConnectionFailures.broken(null));
        } else {
            hasAsked = true;
            link.send(request);
            link.watch().awaitAnswer(link::fail);
        }
    }

    @Override
    public void onMessage(IpcMessage message) {
        Refusal refusal = message instanceof IpcSchema schema ? Refusal.parse(schema) : null;
        boolean isEnd = message instanceof IpcEndOfStream;
        message.release();
        if (refusal != null) {
            link.fail(new RefusedException(refusal));
        } else if (isEnd) {
            link.close(false);
            done.complete(null);
        }
    }

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailed(ClientException reason) {
        done.completeExceptionally(reason);
    }
}
