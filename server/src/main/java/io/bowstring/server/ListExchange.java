package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.codec.IpcMessage;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicStatus;
import java.util.List;

/**
 * A list request: the reply is a table of topics. Confined to the channel's event loop.
 */
final class ListExchange implements Exchange {
    private final Connection connection;
    private boolean hasStarted;
    private boolean isOver;

    private ListExchange(Connection connection) {
        this.connection = connection;
    }

    /** Begins to list. */
    static ListExchange begin(Connection connection, Broker broker, ListRequest request) {
        ListExchange exchange = new ListExchange(connection);
        broker.list(request.prefix()).thenAccept(topics -> connection.executor().execute(() -> exchange.reply(topics)));
        return exchange;
    }

    private void reply(List<TopicStatus> topics) {
        if (!isOver) {
            connection.write(TopicStatus.toSchema(connection.allocator()));
            hasStarted = true;
            connection.write(TopicStatus.toBatch(topics, connection.allocator()));
            isOver = true;
            connection.endReply();
        }
    }

    @Override
    public void onMessage(IpcMessage message) {
        message.release(); // batches of a stream without columns say nothing
    }

    @Override
    public void onRequestEnd() {}

    @Override
    public void onInputEnd() {}

    @Override
    public void onBroken(ProtocolException reason) {
        isOver = true;
        if (hasStarted) {
            connection.cut(reason);
        } else {
            connection.refuse(reason);
        }
    }

    @Override
    public void onWritable() {}

    @Override
    public void onGone() {
        isOver = true;
    }
}
