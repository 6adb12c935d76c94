package io.bowstring.bench.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sends the same files to each socket that connects, by {@link FileChannel#transferTo}, on a thread of its own for each. Thread-safe. */
final class Sending implements AutoCloseable {
    private final ServerSocketChannel server;

    /** How much of each file is sent: what it had in the beginning. */
    private final Map<Path, Long> files = new LinkedHashMap<>();

    /** Begins to listen. */
    Sending(List<Path> files) throws IOException {
        for (Path file : files) {
            this.files.put(file, Files.size(file));
        }
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        begin(this::accept);
    }

    private static void begin(Runnable task) {
        Thread thread = new Thread(task, "bench-sendfile");
        thread.setDaemon(true);
        thread.start();
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    /** Returns how much each socket gets. */
    long bytes() {
        return files.values().stream().mapToLong(Long::longValue).sum();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel socket = server.accept();
                begin(() -> sendAll(socket));
            } catch (IOException e) {
                // this is closed
            }
        }
    }

    private void sendAll(SocketChannel accepted) {
        try (SocketChannel socket = accepted) {
            for (Map.Entry<Path, Long> file : files.entrySet()) {
                send(file.getKey(), file.getValue(), socket);
            }
        } catch (IOException e) {
            // whoever reads gets too few bytes, and says so; or has gone
        }
    }

    private static void send(Path path, long bytes, SocketChannel socket) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long sent = 0;
            while (sent < bytes) {
                sent += file.transferTo(sent, bytes - sent, socket);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
