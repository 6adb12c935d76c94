package io.bowstring.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A blocking connection to a server, as a stranger has it: writes any bytes, reads replies one message at a time, and
 * tells the end-of-stream marker, an orderly end and a reset apart. Confined to one thread at a time.
 */
final class WireClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket = new Socket();
    private final EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
    private final byte[] chunk = new byte[64 << 10];
    private List<IpcField> fields = List.of();
    private boolean hasEnded;

    private WireClient(InetSocketAddress address, int receiveBytes) throws IOException {
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address, TIMEOUT_MILLIS);
    }

    static WireClient connect(Server server) throws IOException {
        return new WireClient(server.address(), 0);
    }

    /** Connects with a receive buffer of about the given size. */
    static WireClient connect(Server server, int receiveBytes) throws IOException {
        return new WireClient(server.address(), receiveBytes);
    }

    static WireClient connect(int port) throws IOException {
        return new WireClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    }

    WireClient send(byte[]... parts) throws IOException {
        socket.getOutputStream().write(Messages.concat(parts));
        return this;
    }

    /** Ends the client's side in order. */
    WireClient halfClose() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Waits until the server has sent so many bytes that have not been looked at. */
    void awaitUnread(int bytes) throws IOException {
        long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
        while (socket.getInputStream().available() < bytes) {
            assertThat(System.nanoTime()).as("bytes have not come").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** Breaks the connection off. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        close();
    }

    /** Waits for the next message or the end of the connection. */
    Received next() throws IOException {
        assertThat(hasEnded).as("the connection has ended").isFalse();
        for (; ; ) {
            IpcMessage message = decoder.readInbound();
            if (message != null) {
                try {
                    Received received = Received.of(message, fields);
                    fields = received.fields();
                    return received;
                } finally {
                    message.release();
                }
            }
            int count = read();
            if (count < 0) {
                hasEnded = true;
                return Received.of(count == -1 ? Received.Kind.FIN : Received.Kind.RESET);
            }
            decoder.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(chunk, count)));
        }
    }

    /** Returns how many bytes have come, -1 for an orderly end, -2 for a reset. */
    private int read() throws IOException {
        try {
            int count = socket.getInputStream().read(chunk);
            if (count == -1) {
                decoder.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                decoder.checkException(); // an orderly end inside a message
            }
            return count;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no answer in " + TIMEOUT_MILLIS + " ms", e);
        } catch (SocketException e) {
            return -2;
        }
    }

    private Received next(Received.Kind kind) throws IOException {
        Received received = next();
        assertThat(received.kind()).as("%s", received).isEqualTo(kind);
        return received;
    }

    WireClient expectRefusal(String code) throws IOException {
        Received schema = next(Received.Kind.SCHEMA);
        assertThat(schema.metadata()).containsEntry("bowstring.error", code);
        assertThat(schema.metadata().get("bowstring.message")).isNotBlank();
        assertThat(schema.fields()).isEmpty();
        next(Received.Kind.END);
        return this;
    }

    /** Expects a subscription to begin. */
    WireClient expectStart(String topic, long offset) throws IOException {
        Received schema = next(Received.Kind.SCHEMA);
        assertThat(schema.metadata())
                .containsEntry("bowstring.topic", topic)
                .containsEntry("bowstring.offset", Long.toString(offset));
        assertThat(schema.fields()).isEqualTo(Messages.FIELDS);
        return this;
    }

    WireClient expectBatch(long offset, long... values) throws IOException {
        Received batch = next(Received.Kind.BATCH);
        assertThat(batch.offset()).isEqualTo(offset);
        assertThat(batch.numbers()).isEqualTo(LongStream.of(values).boxed().toList());
        return this;
    }

    WireClient expectEnd() throws IOException {
        next(Received.Kind.END);
        return this;
    }

    void expectFin() throws IOException {
        next(Received.Kind.FIN);
    }

    void expectReset() throws IOException {
        next(Received.Kind.RESET);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        try {
            decoder.finishAndReleaseAll();
        } catch (IpcException e) {
            // what came of a message that will never be whole is released
        }
    }
}
