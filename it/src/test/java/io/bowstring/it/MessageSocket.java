package io.bowstring.it;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;

/** A blocking connection to a server that says what it is told and hears messages. Confined to one thread but for its end. */
final class MessageSocket implements AutoCloseable {
    private final Socket socket;
    private final EmbeddedChannel decoder = new EmbeddedChannel(new IpcDecoder());
    private final byte[] chunk = new byte[64 << 10];

    /** Connects to a port of this machine. */
    MessageSocket(int port) throws IOException {
        socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setTcpNoDelay(true);
    }

    void send(byte[]... messages) throws IOException {
        socket.getOutputStream().write(RequestBytes.concat(messages));
    }

    /** Waits for a message; owned. */
    IpcMessage receive() throws IOException {
        IpcMessage message = decoder.readInbound();
        while (message == null) {
            int count = socket.getInputStream().read(chunk);
            if (count < 0) {
                throw new EOFException("the connection has ended");
            }
            decoder.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(chunk, count)));
            message = decoder.readInbound();
        }
        return message;
    }

    /** Lets whoever waits go, by any thread. */
    void disconnect() throws IOException {
        socket.close();
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
