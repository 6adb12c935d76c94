package io.bowstring.server;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A blocking connection to a server's Unix domain socket: writes any bytes, reads a reply to its end. Confined to one
 * thread at a time; the test has a time limit.
 */
final class UnixClient implements AutoCloseable {
    private final SocketChannel socket;

    UnixClient(Path path) throws IOException {
        socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    UnixClient send(byte[]... parts) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Messages.concat(parts));
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
        return this;
    }

    UnixClient halfClose() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Waits until the connection has ended; nothing is to come before. */
    boolean isEnded() throws IOException {
        return socket.read(ByteBuffer.allocate(1)) < 0;
    }

    /**
     * Reads to the end-of-stream marker, or until the connection ends: then the last is {@code FIN} where that is
     * between two messages, {@code RESET} where it is inside of one.
     */
    List<Received> readAll() throws IOException {
        EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
        List<Received> all = new ArrayList<>();
        List<IpcField> fields = List.of();
        ByteBuffer chunk = ByteBuffer.allocate(64 << 10);
        while (socket.read(chunk.clear()) >= 0) {
            decoder.writeInbound(Unpooled.copiedBuffer(chunk.flip()));
            for (IpcMessage message = decoder.readInbound(); message != null; message = decoder.readInbound()) {
                Received received = Received.of(message, fields);
                fields = received.fields();
                all.add(received);
                message.release();
                if (received.kind() == Received.Kind.END) {
                    decoder.finishAndReleaseAll();
                    return all;
                }
            }
        }
        try {
            decoder.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            decoder.finishAndReleaseAll();
            all.add(Received.of(Received.Kind.FIN));
        } catch (IpcException e) {
            all.add(Received.of(Received.Kind.RESET));
        }
        return all;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
