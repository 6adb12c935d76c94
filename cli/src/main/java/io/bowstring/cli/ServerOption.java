package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientException;
import io.bowstring.client.ClientListener;
import io.bowstring.client.ReconnectConfig;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.TcpAddress;
import io.bowstring.client.TimeoutConfig;
import io.bowstring.codec.IpcLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The option that says which server is meant, or the environment where it is not given. Confined to the thread that parses the
 * command line.
 */
final class ServerOption {
    private static final String VARIABLE = "BOWSTRING_URL";
    private static final ServerAddress DEFAULT = new TcpAddress("127.0.0.1", ServerAddress.DEFAULT_PORT);

    private final Map<String, String> environment;
    private final TimeoutConfig timeouts;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "bowstring://HOST:PORT",
            description = "The server; also HOST:PORT, or bowstring+unix:PATH (default: what " + VARIABLE
                    + " says in the environment, else bowstring://127.0.0.1:8816).")
    private @Nullable ServerAddress address;

    ServerOption(Map<String, String> environment, TimeoutConfig timeouts) {
        this.environment = environment;
        this.timeouts = timeouts;
    }

    /** Returns a client that takes the loss of a connection for the end, as scripts expect it; owned. */
    Client connect() throws InterruptedException {
        return connect(config().withReconnect(ReconnectConfig.NEVER));
    }

    /** Returns a client that makes connections again, and tells a listener of it; owned. */
    Client connectForLong(ClientListener listener) throws InterruptedException {
        return connect(config().withListener(listener));
    }

    /** Returns a client of a server, owned; says what to do if there is none on this machine. */
    static Client connect(ClientConfig config) throws InterruptedException {
        try {
            return Client.connect(config);
        } catch (ClientException e) {
            throw isHere(config.server())
                    ? new CommandException(e.getMessage() + " (is it running? bowstring serve starts one)", e)
                    : e;
        }
    }

    private static boolean isHere(ServerAddress server) {
        try {
            return !(server instanceof TcpAddress tcp)
                    || InetAddress.getByName(tcp.host()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Limits as wide as they can be: whoever runs the command has chosen the server, and what it takes comes back. */
    private ClientConfig config() {
        return ClientConfig.of(address == null ? ofEnvironment() : address)
                .withTimeouts(timeouts)
                .withLimits(IpcLimits.UNLIMITED);
    }

    private ServerAddress ofEnvironment() {
        String text = environment.get(VARIABLE);
        if (text == null) {
            return DEFAULT;
        }
        try {
            return ServerAddress.parse(text);
        } catch (ClientException e) {
            throw new ParameterException(spec.commandLine(), VARIABLE + ": " + e.getMessage(), e);
        }
    }
}
