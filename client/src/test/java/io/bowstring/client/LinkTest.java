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

    @Test
    void isGivenUpForTheReasonThatItsOwnerThrows() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            ClientConfig config = ClientConfig.of(server.address().toString());
            try (Connector connector = new Connector(config)) {
                Link link = new Link("publisher of t", connector, config);
                ClientException reason = new ClientException("a dictionary cannot be kept");
                CompletableFuture<ClientException> told = new CompletableFuture<>();

                link.execute(() -> link.open(new Owner(told) {
                    @Override
                    public void onConnected() {
                        throw reason;
                    }
                }));

                assertThat(told).succeedsWithin(10, TimeUnit.SECONDS).isSameAs(reason);
            }
        }
    }

    @Test
    void isGivenUpWhereItsOwnerFails() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            ClientConfig config = ClientConfig.of(server.address().toString());
            try (Connector connector = new Connector(config)) {
                Link link = new Link("deletion of t", connector, config);
                CompletableFuture<ClientException> told = new CompletableFuture<>();

                link.execute(() -> link.open(new Owner(told) {
                    @Override
                    public void onConnected() {
                        throw new IllegalStateException("a fault by the test");
                    }
                }));

                assertThat(told)
                        .succeedsWithin(10, TimeUnit.SECONDS)
                        .extracting(Throwable::getMessage)
                        .isEqualTo("a fault of the client: java.lang.IllegalStateException: a fault by the test");
            }
        }
    }

    private static class Owner implements LinkOwner {
        private final CompletableFuture<ClientException> told;

        Owner(CompletableFuture<ClientException> told) {
            this.told = told;
        }

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
