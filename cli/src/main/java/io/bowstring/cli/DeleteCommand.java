package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.ClientException;
import io.bowstring.protocol.TopicName;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bowstring delete}: removes a topic with all that it holds. Confined to the main thread. */
@Command(name = "delete", description = "Removes a topic with all that it holds.")
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private final ServerOption server;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "The topic.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private TopicName topic;

    DeleteCommand(ServerOption server) {
        this.server = server;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Client client = server.connect()) {
            client.deleteTopic(topic.value()).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClientException reason ? reason : new IllegalStateException(e.getCause());
        }
        return 0;
    }
}
