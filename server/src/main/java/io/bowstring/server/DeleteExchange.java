package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.protocol.DeleteRequest;
import io.bowstring.protocol.ProtocolException;

/**
 * A delete request: the reply is an empty stream once the topic is gone. Confined to the channel's event loop.
 */
final class DeleteExchange implements Exchange {
    private final Connection connection;
    private boolean isOver;

    private DeleteExchange(Connection connection) {
        this.connection = connection;
    }

    /** Begins to delete; what has begun is not taken back where the connection is lost. */
    static DeleteExchange begin(Connection connection, Broker broker, DeleteRequest request) {
        DeleteExchange exchange = new DeleteExchange(connection);
        connection.whenDone(broker.delete(request.topic()), done -> exchange.reply());
        return exchange;
    }

    private void reply() {
        if (!isOver) {
            isOver = true;
            connection.write(DeleteRequest.toReply(connection.allocator()));
            connection.endReply();
        }
    }

    @Override
    public void onBroken(ProtocolException reason) {
        isOver = true;
        connection.refuse(reason);
    }

    @Override
    public void onGone() {
        isOver = true;
    }
}
