package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.Chunk;
import io.bowstring.broker.FilePart;
import io.bowstring.broker.SubscriptionSink;
import io.bowstring.broker.TopicSubscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A subscribe request: the reply is the topic's stream. Confined to the channel's event loop.
 */
final class SubscribeExchange implements Exchange, SubscriptionSink {
    private final Connection connection;
    private @Nullable TopicSubscription subscription;
    private boolean hasStarted;

    private SubscribeExchange(Connection connection) {
        this.connection = connection;
    }

    /**
     * Begins to subscribe.
     *
     * @throws ProtocolException where the broker refuses at once
     */
    static SubscribeExchange begin(Connection connection, Broker broker, SubscribeRequest request) {
        SubscribeExchange exchange = new SubscribeExchange(connection);
        exchange.subscription = broker.subscribe(request, exchange);
        return exchange;
    }

    @Override
    public void onBroken(ProtocolException reason) {
        subscription().cancel();
        if (hasStarted) {
            connection.cut(reason);
        } else {
            connection.refuse(reason);
        }
    }

    @Override
    public void onWritable() {
        subscription().resume();
    }

    @Override
    public void onGone() {
        subscription().cancel();
    }

    @Override
    public EventExecutor executor() {
        return connection.executor();
    }

    @Override
    public ConnectionSource source() {
        return connection.source();
    }

    @Override
    public boolean isWritable() {
        return connection.isWritable();
    }

    @Override
    public long pendingBytes() {
        return connection.pendingBytes();
    }

    @Override
    public long unsentBytes() {
        return connection.unsentBytes();
    }

    @Override
    public void start(IpcSchema schema) {
        hasStarted = true;
        connection.write(schema);
    }

    @Override
    public void write(IpcMessage message) {
        connection.write(message.frame());
    }

    @Override
    public boolean takesChunks() {
        return true;
    }

    @Override
    public void write(Chunk chunk) {
        connection.write(chunk.frames());
    }

    @Override
    public boolean takesFiles() {
        return true;
    }

    @Override
    public void write(FilePart part) {
        connection.write(new FilePartRegion(part));
    }

    @Override
    public void flush() {
        connection.flush();
    }

    @Override
    public void complete() {
        connection.guarded(() -> {
            connection.endReply(subscription()::onSent);
        });
    }

    @Override
    public void refuse(ProtocolException reason) {
        connection.guarded(() -> connection.refuse(reason));
    }

    @Override
    public void cut(ProtocolException reason) {
        connection.cut(reason);
    }

    @Override
    public void abandon(ProtocolException reason) {
        connection.cut(reason);
    }

    private TopicSubscription subscription() {
        return Objects.requireNonNull(subscription);
    }
}
