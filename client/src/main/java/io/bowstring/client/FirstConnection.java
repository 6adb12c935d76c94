package io.bowstring.client;

import io.bowstring.codec.IpcMessage;
import java.util.concurrent.CompletableFuture;

/**
 * The connection by which {@code Client.connect} finds out that there is a server. Nothing is said over it. Confined to the
 * link's event loop, but for {@link #await}.
 */
final class FirstConnection implements LinkOwner {
    private final Link link;
    private final CompletableFuture<Void> made = new CompletableFuture<>();

    private FirstConnection(Link link) {
        this.link = link;
    }

    /**
     * Connects, and closes the connection; blocks.
     *
     * @throws ClientException if there is no server, and it is not waited for any longer
     */
    static void await(Connector connector, ClientConfig config) throws InterruptedException {
        boolean isTriedAgain = config.reconnect().triesAtStart();
        Link link = new Link("client", connector, isTriedAgain ? config : config.withReconnect(ReconnectConfig.NEVER));
        FirstConnection first = new FirstConnection(link);
        link.execute(() -> link.open(first));
        try {
            Outcomes.await(first.made);
        } catch (InterruptedException e) {
            link.execute(() -> link.close(true));
            throw e;
        }
    }

    @Override
    public void onConnected() {
        link.onAccepted();
        link.close(false);
        made.complete(null);
    }

    @Override
    public void onMessage(IpcMessage message) {
        message.release();
    }

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailed(ClientException reason) {
        made.completeExceptionally(reason);
    }
}
