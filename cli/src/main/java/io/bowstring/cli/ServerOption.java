package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ReconnectConfig;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.TcpAddress;
import picocli.CommandLine.Option;

/** The option that says which server is meant. Confined to the thread that parses the command line. */
final class ServerOption {
    @Option(
            names = "--url",
            paramLabel = "bowstring://HOST:PORT",
            description = "The server, or bowstring+unix:PATH (default: ${DEFAULT-VALUE}).",
            defaultValue = "bowstring://127.0.0.1:8816")
    private ServerAddress address = new TcpAddress("127.0.0.1", ServerAddress.DEFAULT_PORT);

    /** Returns a client that takes the loss of a connection for the end, as scripts expect it; owned. */
    Client connect() throws InterruptedException {
        return Client.connect(ClientConfig.of(address).withReconnect(ReconnectConfig.NEVER));
    }
}
