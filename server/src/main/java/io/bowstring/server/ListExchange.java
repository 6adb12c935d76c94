package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.TopicListing;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicStatus;
import java.util.List;

/**
 * A list request: the reply is a table of topics, page by page. One page is made when the one before has been sent, so that a
 * listing that nobody reads holds one. If memory is short, pages are smaller. Confined to the channel's event loop.
 */
final class ListExchange implements Exchange {
    private final Connection connection;
    private final TopicListing topics;

    /** Of the page that was made last: there was no room for it. */
    private List<TopicStatus> unsent = List.of();

    /** There was room for so many topics. */
    private int pageTopics = Integer.MAX_VALUE;

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
        if (unsent.isEmpty() && !isOver) {
            connection.whenDone(topics.next(), this::reply);
        } else {
            reply(unsent);
        }
    }

    private void reply(List<TopicStatus> page) {
        if (!isOver) {
            try {
                reply(page, Math.min(page.size(), pageTopics));
            } catch (ProtocolException e) {
                onBroken(e);
            }
        }
    }

    /**
     * Sends the first topics of a page, as many as there is room for.
     *
     * @throws ProtocolException where there is no room for one
     */
    private void reply(List<TopicStatus> page, int max) {
        IpcRecordBatch batch = TopicStatus.toBatch(page.subList(0, max), connection.allocator());
        long bytes = batch.frame().readableBytes();
        try {
            connection.memory().charge("a page of the listing", bytes);
        } catch (ProtocolException e) {
            batch.release();
            if (max <= 1) {
                throw e;
            }
            reply(page, max / 2);
            return;
        }
        unsent = page.subList(max, page.size());
        pageTopics = max < page.size() ? max : Integer.MAX_VALUE;
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
        boolean isLast = unsent.isEmpty() && !topics.hasNext();
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
