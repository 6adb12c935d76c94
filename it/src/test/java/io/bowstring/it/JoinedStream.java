package io.bowstring.it;

import io.bowstring.broker.SubscriptionSink;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/** Keeps the bytes of a reply until it is complete. Confined to its executor, but for {@link #bytes()}. */
final class JoinedStream implements SubscriptionSink {
    private final long from;
    private final long until;
    private final EventExecutor executor;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> bytes = new CompletableFuture<>();

    JoinedStream(long from, long until, EventExecutor executor) {
        this.from = from;
        this.until = until;
        this.executor = executor;
    }

    /** Returns the offset where it begins. */
    long from() {
        return from;
    }

    /** Returns the offset in front of which it ends. */
    long until() {
        return until;
    }

    /** Returns the whole stream, when it is complete. */
    CompletableFuture<byte[]> bytes() {
        return bytes;
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void start(IpcSchema schema) {
        write(schema);
    }

    @Override
    public void write(IpcMessage message) {
        ByteBuf frame = message.frame();
        try {
            frame.readBytes(received, frame.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            message.release();
        }
    }

    @Override
    public void flush() {}

    @Override
    public void complete() {
        write(IpcEndOfStream.INSTANCE);
        bytes.complete(received.toByteArray());
    }

    @Override
    public void refuse(ProtocolException reason) {
        bytes.completeExceptionally(reason);
    }

    @Override
    public void cut(ProtocolException reason) {
        bytes.completeExceptionally(reason);
    }
}
