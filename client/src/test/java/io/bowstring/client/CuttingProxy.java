package io.bowstring.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands in front of a server and ends each connection after a number of bytes, in whichever direction, that is drawn by
 * chance: by FIN or by reset. Thread-safe; owns two threads for each connection.
 */
final class CuttingProxy implements AutoCloseable {
    private final InetSocketAddress server;
    private final Random random;
    private final int maxBytes;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile boolean isCutting = true;

    CuttingProxy(InetSocketAddress server, long seed, int maxBytes) throws IOException {
        this.server = server;
        this.random = new Random(seed);
        this.maxBytes = maxBytes;
        daemon(this::accept);
    }

    ServerAddress address() {
        return new TcpAddress("127.0.0.1", listener.getLocalPort());
    }

    /** Returns how many connections it has cut. */
    int cuts() {
        return cuts.get();
    }

    /** Lets all be from now on. */
    void stopCutting() {
        isCutting = false;
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket upstream = new Socket();
                open.add(client);
                open.add(upstream);
                upstream.connect(server);
                AtomicLong left = new AtomicLong(random.nextInt(maxBytes));
                boolean isReset = random.nextBoolean();
                daemon(() -> pump(client, upstream, left, isReset));
                daemon(() -> pump(upstream, client, left, isReset));
            }
        } catch (IOException e) {
            close(); // it has been closed, or there is no server
        }
    }

    private void pump(Socket from, Socket to, AtomicLong left, boolean isReset) {
        byte[] buffer = new byte[4 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                long rest = left.getAndAdd(-read);
                if (isCutting && rest < read) {
                    out.write(buffer, 0, (int) Math.max(0, rest));
                    cut(from, to, isReset);
                    return;
                }
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            end(from, to, true);
        }
    }

    private void cut(Socket one, Socket other, boolean isReset) {
        cuts.incrementAndGet();
        end(one, other, isReset);
    }

    private void end(Socket one, Socket other, boolean isReset) {
        for (Socket socket : new Socket[] {one, other}) {
            open.remove(socket);
            try {
                if (isReset) {
                    socket.setSoLinger(true, 0);
                }
                socket.close();
            } catch (IOException e) {
                // It has ended already.
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        open.forEach(socket -> end(socket, socket, true));
    }
}
