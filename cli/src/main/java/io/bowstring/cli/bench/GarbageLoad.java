package io.bowstring.cli.bench;

import io.bowstring.client.ServerAddress;
import io.bowstring.client.TcpAddress;
import io.bowstring.client.UnixAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connects, sends bytes that are no Arrow and reads until the server ends the connection, again and again: the server must end it,
 * and serve everybody else meanwhile. Runs until it is interrupted. Confined to its thread, but for what is said to be for any.
 */
final class GarbageLoad implements Callable<Void> {
    /** A server takes no more than so many connections a second; those of others must not be refused for this. */
    private static final long PAUSE_MILLIS = 50;

    private static final int ANSWER_BYTES = 4_096;

    private final ServerAddress server;
    private final SplittableRandom random;
    private final AtomicLong connections = new AtomicLong();

    GarbageLoad(ServerAddress server, long seed) {
        this.server = server;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public Void call() throws InterruptedException {
        GarbageKind[] kinds = GarbageKind.values();
        for (int i = 0; true; i++) {
            send(kinds[i % kinds.length]);
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS); // throws too where the thread was interrupted before
        }
    }

    private void send(GarbageKind kind) {
        try (SocketChannel channel = SocketChannel.open(address(server))) {
            awaitEnd(channel, kind);
            connections.incrementAndGet();
        } catch (IOException e) {
            throw new BenchException("garbage: " + server + ": " + e.getMessage() + " (expected: a connection)");
        }
    }

    /** The server may reset the connection while it is written to; that is an end, too. */
    private void awaitEnd(SocketChannel channel, GarbageKind kind) {
        ByteBuffer garbage = kind.make(random);
        try {
            while (garbage.hasRemaining()) {
                channel.write(garbage);
            }
            if (kind == GarbageKind.UNFINISHED) {
                channel.shutdownOutput();
            }
            ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES);
            while (channel.read(answer) >= 0) {
                answer.clear();
            }
        } catch (IOException e) {
            // It has ended.
        }
    }

    private static SocketAddress address(ServerAddress server) {
        if (server instanceof TcpAddress tcp) {
            return new InetSocketAddress(tcp.host(), tcp.port());
        }
        return UnixDomainSocketAddress.of(((UnixAddress) server).path());
    }

    /** Returns how many connections the server has ended. For any thread. */
    long connections() {
        return connections.get();
    }
}
