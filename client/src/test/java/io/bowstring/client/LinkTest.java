package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcMessage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinkTest {
    @Test
    void tellsAnOwnerThatComesAfterItWasGivenUp() throws Exception {
        ClientConfig config = ClientConfig.of("bowstring://127.0.0.1:1"); // which it does not come to
        try (Connector connector = new Connector(config)) {
            Link link = new Link("deletion of t", connector, config);
            ClientException reason = new ClientException("the client has been closed");
            CompletableFuture<ClientException> told = new CompletableFuture<>();

            link.execute(() -> link.fail(reason)); // as a client does that is closed by another thread
            link.execute(() -> link.open(new Owner(told)));

            assertThat(told).succeedsWithin(10, TimeUnit.SECONDS).isSameAs(reason);
        }
    }

    private record Owner(CompletableFuture<ClientException> told) implements Link.Owner {
        @Override
        public void onConnected() {}

        @Override
        public void onMessage(IpcMessage message) {
            message.release();
        }

        @Override
        public void onWritabilityChanged() {}

        @Override
        public void onFailed(ClientException reason) {
            told.complete(reason);
        }
    }
}
