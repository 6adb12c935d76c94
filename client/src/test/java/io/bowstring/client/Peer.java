package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The server's end of one connection. Keeps what it receives as text: {@code [n: int64] {key=value}} is a schema, {@code 7=a}
 * and {@code 7+b} a dictionary and a delta, with {@code ...} for long values, {@code 3 rows {key=value}} a batch. Its
 * methods are for the test's thread.
 */
final class Peer extends SimpleChannelInboundHandler<IpcMessage> {
    static final String END = "END_OF_STREAM";
    static final String RESET = "reset";
    static final String CLOSED = "closed";

    private final Channel channel;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private String ending = CLOSED;

    Peer(Channel channel) {
        this.channel = channel;
    }

    /** Returns what was received next: a message, or how the connection ended; fails after ten seconds. */
    String received() throws InterruptedException {
        String next = received.poll(10, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    /** Checks what is received next, in order. */
    Peer expect(String... messages) throws InterruptedException {
        for (String message : messages) {
            assertThat(received()).isEqualTo(message);
        }
        return this;
    }

    /** Returns how many messages have come that {@link #received} has not returned. */
    int waiting() {
        return received.size();
    }

    /** Sends messages, which are consumed, or buffers. */
    Peer send(Object... messages) {
        for (Object message : messages) {
            channel.write(message);
        }
        channel.flush();
        return this;
    }

    /** Takes nothing any more, or takes on. */
    void setReading(boolean isWanted) {
        channel.config().setAutoRead(isWanted);
    }

    Channel channel() {
        return channel;
    }

    /** Closes the connection behind what was sent. */
    void close() {
        channel.close();
    }

    void reset() {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, IpcMessage message) {
        received.add(text(message));
    }

    private static String text(IpcMessage message) {
        if (message instanceof IpcSchema schema) {
            return schema.fields() + " " + schema.schemaMetadata();
        }
        if (message instanceof IpcDictionaryBatch dictionary) {
            String values = dictionary.frameBytes() > 4 << 10 ? "..." : DictionaryFrames.text(dictionary);
            return dictionary.id() + (dictionary.isDelta() ? "+" : "=") + values;
        }
        return message instanceof IpcRecordBatch batch
                ? batch.rowCount() + " rows " + batch.customMetadata()
                : message.kind().name();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownReadComplete.INSTANCE) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ending = RESET;
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        received.add(ending);
    }
}
