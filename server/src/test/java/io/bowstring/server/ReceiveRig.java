package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.broker.Counters;
import io.bowstring.codec.IpcDecoder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The memory of what arrives, with connections that do what a test says and a clock of the test's. One thread. */
final class ReceiveRig implements AfterEachCallback {
    static final long MIB = 1 << 20;
    static final long LIMIT = 16 * MIB; // 12 for large messages, 4 for small ones
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    final Counters counters = new Counters();
    final Queue<Runnable> looks = new ArrayDeque<>();
    private final List<Peer> peers = new ArrayList<>();
    long nanos;
    final ReceiveMemory memory = new ReceiveMemory(LIMIT, counters, () -> nanos, looks::add);

    @Override
    public void afterEach(ExtensionContext context) {
        peers.forEach(peer -> peer.channel.finishAndReleaseAll());
        peers.forEach(peer -> peer.share.letGo());
        assertThat(memory.usedBytes()).isZero();
    }

    /** Lets half a second pass and has the memory look whom to cut. */
    void look() {
        nanos += LOOK_NANOS;
        looks.remove().run();
        peers.forEach(peer -> peer.channel.runPendingTasks());
    }

    Peer newPeer() {
        return new Peer("127.0.0.1");
    }

    Peer newPeer(String address) {
        return new Peer(address);
    }

    /** A connection, which does what the test says. */
    final class Peer {
        final List<Throwable> errors = new ArrayList<>();
        final EmbeddedChannel channel;
        final ReceiveShare share;
        private long receivedBytes;
        int wakes;

        private Peer(String address) {
            channel = new EmbeddedChannel() {
                @Override
                protected SocketAddress remoteAddress0() {
                    return new InetSocketAddress(address, 1);
                }
            };
            share = memory.newShare(channel, ConnectionSource.of(channel));
            IpcDecoder decoder = new IpcDecoder();
            share.serve(decoder);
            channel.pipeline().addLast(decoder, new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    errors.add(cause);
                }
            });
            peers.add(this);
        }

        boolean tryHold(long bytes) {
            return share.tryHold(bytes / 2, bytes);
        }

        Peer hold(long bytes) {
            assertThat(tryHold(bytes)).isTrue();
            return this;
        }

        Peer await(long bytes) {
            assertThat(tryHold(bytes)).isFalse();
            share.await(() -> wakes++);
            return this;
        }

        void receive(long bytes) {
            receivedBytes += bytes;
            share.onReceived(receivedBytes);
        }
    }
}
