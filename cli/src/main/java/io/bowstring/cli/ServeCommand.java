package io.bowstring.cli;

import io.bowstring.client.ServerAddress;
import io.bowstring.client.TcpAddress;
import io.bowstring.server.ConfigurationException;
import io.bowstring.server.ListenException;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.bowstring.server.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code bowstring serve}: runs a server until the process is asked to stop, and then ends in order with exit code 0.
 * Confined to the main thread, but for the stop.
 */
@Command(name = "serve", description = "Runs a server until it is stopped by SIGTERM or Ctrl-C.")
final class ServeCommand implements Callable<Integer> {
    private static final int ANSWER_MILLIS = 1_000;

    private final StandardStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--host", paramLabel = "HOST", description = "The address to listen on (default: 127.0.0.1).")
    private @Nullable String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The port to listen on; 0 picks a free one (default: 8816).")
    private @Nullable String port;

    @Option(names = "--unix", paramLabel = "PATH", description = "A Unix domain socket to listen on as well.")
    private @Nullable String unix;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keep topics in this directory (default: in memory, until the server stops).")
    private @Nullable String data;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings: a properties file.")
    private @Nullable Path config;

    @Option(names = "--demo", description = "Publish a live synthetic topic, named demo.")
    private boolean hasDemo;

    @Option(
            names = "--until-input-ends",
            hidden = true,
            description =
                    "Stop too when standard input ends, as it does when the process that has started this one is gone.")
    private boolean endsWithInput;

    ServeCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Server server = start(load());
        DemoTopic demo = hasDemo ? DemoTopic.start(reachable(server.address())) : null;
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, demo), "bowstring-stop"));
        if (endsWithInput) {
            stopWithInput();
        }
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        out.println("bowstring ready on " + text(server.address()));
        new CountDownLatch(1).await(); // for ever: the process ends in the hook
        return 0;
    }

    private void stopWithInput() {
        Thread watch = new Thread(
                () -> {
                    try {
                        streams.in().transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // There is no input any more.
                    }
                    System.exit(0);
                },
                "bowstring-input");
        watch.setDaemon(true);
        watch.start();
    }

    private static Server start(ServerConfig config) throws ListenException, StorageException {
        try {
            return Server.start(config);
        } catch (ListenException e) {
            if (isAnswered(config)) {
                throw new CommandException(
                        "port " + config.port() + " is already in use (another bowstring? --port N)");
            }
            throw e;
        }
    }

    /** Returns whether somebody listens there: the texts of systems for that differ. */
    private static boolean isAnswered(ServerConfig config) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(config.host(), config.port()), ANSWER_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private ServerConfig load() {
        Map<String, String> flags = new LinkedHashMap<>();
        if (host != null) {
            flags.put("host", host);
        }
        if (port != null) {
            flags.put("port", port);
        }
        if (unix != null) {
            flags.put("unix", unix);
        }
        if (data != null) {
            flags.put("data", data);
        }
        try {
            return ServerConfig.load(config, System.getenv(), flags);
        } catch (ConfigurationException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static void stop(Server server, @Nullable DemoTopic demo) {
        if (demo != null) {
            demo.close();
        }
        server.close();
        // Left alone, a JVM that is stopped by a signal ends with 128 + the signal's number.
        Runtime.getRuntime().halt(0);
    }

    private static String text(InetSocketAddress address) {
        String numeric = address.getAddress().getHostAddress();
        return (numeric.contains(":") ? "[" + numeric + "]" : numeric) + ":" + address.getPort();
    }

    /** Returns where this process can connect to a server that listens on {@code address}. */
    private static ServerAddress reachable(InetSocketAddress address) {
        InetAddress listening = address.getAddress();
        InetAddress target = listening.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : listening;
        return new TcpAddress(target.getHostAddress(), address.getPort());
    }
}
