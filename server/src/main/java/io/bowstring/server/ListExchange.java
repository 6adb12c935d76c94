package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.TopicListing;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicStatus;
import java.util.List;

/**
 * A list request: the reply is a table of topics, page by page. One page is made when the one before has been sent, so that
 * a listing that nobody reads holds one. Confined to the channel's event loop.
 */
final class ListExchange implements Exchange {
    private final Connection connection;
    private final TopicListing topics;
    private boolean hasStarted;
    private boolean isOver;

    private ListExchange(Connection connection, TopicListing topics) {
        this.connection = connection;
        this.topics = topics;
    }

    /** Begins to list. */
    static ListExchange begin(Connection connection, Broker broker, ListRequest request) {
        ListExchange exchange = new ListExchange(connection, broker.list(request.prefix()));
        exchange.next();
        return exchange;
    }

    private void next() {
        if (!isOver) {
            connection.whenDone(topics.next(), this::reply);
        }
    }

    private void reply(List<TopicStatus> page) {
        if (isOver) {
            return;
        }
        IpcRecordBatch batch = TopicStatus.toBatch(page, connection.allocator());
        long bytes = batch.frame().readableBytes();
        try {
            connection.memory().charge("a page of the listing", bytes);
        } catch (ProtocolException e) {
            batch.release();
            onBroken(e);
            return;
        }
        write(batch, bytes);
    }

    /** Writes a page, which is consumed. */
    private void write(IpcRecordBatch batch, long bytes) {
        if (!hasStarted) {
            try {
                connection.write(TopicStatus.toSchema(connection.allocator()));
            } catch (OutOfMemoryError e) {
                batch.release();
                throw e;
            }
            hasStarted = true;
        }
        boolean isLast = !topics.hasNext();
        connection.write(batch, () -> {
            connection.memory().release(bytes);
            if (!isLast) {
                next();
            }
        });
        if (isLast) {
            isOver = true;
            connection.endReply();
        } else {
            connection.flush();
        }
    }

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
    public void onGone() {
        isOver = true;
    }
}
