package io.bowstring.bench.peers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A Kafka broker that is its own controller, in this process. Owns the broker. Confined to the caller's thread. */
final class KafkaRelay implements Relay {
    /** How often the broker looks for what it need not keep, and how long it waits before it deletes that. */
    private static final int DELETE_MILLIS = 1_000;

    private final int port;
    private final KafkaRaftServer server;

    private KafkaRelay(int port, KafkaRaftServer server) {
        this.port = port;
        this.server = server;
    }

    /** Starts a broker that keeps everything in a folder, which is empty. */
    static KafkaRelay start(Path folder) throws IOException {
        int port;
        int controllerPort;
        try (ServerSocket broker = newSocket();
                ServerSocket controller = newSocket()) { // both at once: two that differ
            port = broker.getLocalPort();
            controllerPort = controller.getLocalPort();
        }
        Properties settings = settings(port, controllerPort, folder.resolve("logs"));
        format(settings, folder.resolve("server.properties"));
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
        server.startup();
        return new KafkaRelay(port, server);
    }

    private static ServerSocket newSocket() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Returns Kafka's defaults but for addresses, the size of messages and sockets, and that it deletes without delay. */
    private static Properties settings(int port, int controllerPort, Path logs) throws IOException {
        Properties settings = new Properties();
        settings.load(new StringReader("""
                process.roles: broker,controller
                node.id: 1
                listeners: PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                controller.listener.names: CONTROLLER
                controller.quorum.voters: 1@127.0.0.1:%2$d
                auto.create.topics.enable: false
                # The system's, which grow.
                socket.send.buffer.bytes: -1
                socket.receive.buffer.bytes: -1
                log.initial.task.delay.ms: 0
                log.retention.check.interval.ms: %3$d
                log.segment.delete.delay.ms: %3$d
                """.formatted(port, controllerPort, DELETE_MILLIS)));
        settings.setProperty("log.dirs", logs.toString());
        return settings;
    }

    /** Makes the folders for logs, by the tool that Kafka has for that. */
    private static void format(Properties settings, Path file) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            settings.store(out, null);
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String[] command = {
            "format",
            "--config",
            file.toString(),
            "--cluster-id",
            Uuid.randomUuid().toString()
        };
        int status = StorageTool.execute(command, new PrintStream(printed, true, StandardCharsets.UTF_8));
        if (status != 0) {
            throw new IOException(
                    "format: " + printed.toString(StandardCharsets.UTF_8).strip() + " (expected: 0)");
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
