package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.Publication;
import io.bowstring.broker.PublicationListener;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublicationStart;
import io.bowstring.protocol.PublishRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A publish request: its stream goes to a topic; the reply is nothing, acknowledgements where they are wanted, or a
 * refusal. Confined to the channel's event loop.
 */
final class PublishExchange implements Exchange, PublicationListener {
    private final Connection connection;
    private final PublishRequest request;
    private final AcknowledgementRows rows = new AcknowledgementRows();
    private @Nullable Publication publication;
    private boolean hasReplied;
    private boolean isAckScheduled;
    private boolean isOver;

    /** Why the input broke; told when all that came before is in the topic. */
    private @Nullable ProtocolException failure;

    private PublishExchange(Connection connection, PublishRequest request) {
        this.connection = connection;
        this.request = request;
    }

    /**
     * Begins to publish.
     *
     * @param schema of the stream; consumed
     * @throws ProtocolException where the broker refuses at once
     */
    static PublishExchange begin(Connection connection, Broker broker, PublishRequest request, IpcSchema schema) {
        PublishExchange exchange = new PublishExchange(connection, request);
        exchange.publication = broker.publish(request, schema, exchange);
        return exchange;
    }

    @Override
    public void onMessage(IpcMessage message) {
        publication().append(message);
    }

    @Override
    public void onBatches(IpcRecordBatchRun run) {
        publication().append(run);
    }

    @Override
    public void onRequestEnd() {
        publication().finish();
    }

    @Override
    public void onInputEnd() {
        if (request.wantsAcks()) {
            onBroken(new ProtocolException(ErrorCode.BAD_STREAM, "the stream ended without its end marker"));
        } else {
            publication().abort();
            over();
            connection.close();
        }
    }

    @Override
    public void onBroken(ProtocolException reason) {
        if (isOver) { // the end of the reply could not be written
            connection.reset();
            return;
        }
        failure = failure == null ? reason : failure;
        publication().abort();
        if (!request.wantsAcks()) {
            onRefused(reason);
        } // else once all that came is in the topic, so that the last row is the truth
    }

    @Override
    public void onGone() {
        publication().abort();
        isOver = true;
    }

    @Override
    public void onWritable() {
        acknowledge();
    }

    @Override
    public EventExecutor executor() {
        return connection.executor();
    }

    @Override
    public void onReadable(boolean isReadable) {
        if (!isOver) {
            connection.setHeld(!isReadable);
        }
    }

    @Override
    public ConnectionSource source() {
        return connection.source();
    }

    @Override
    public void onAccepted(PublicationStart start) {
        connection.guarded(() -> {
            if (!isOver) {
                start(start.toSchema(connection.allocator()));
                connection.flush(); // before its first batch: the producer may wait for this to know which one that is
            }
        });
    }

    @Override
    public void onAppended(long heldBatches, long offset) {
        rows.add(heldBatches, offset);
        if (!isAckScheduled) {
            connection.execute(this::acknowledge); // after what else has been appended meanwhile
            isAckScheduled = true; // not where the loop takes no task: the next batch tries again
        }
    }

    private void acknowledge() {
        isAckScheduled = false;
        if (!isOver && rows.size() > 0 && connection.isWritable()) {
            begin();
            while (rows.size() > 0 && connection.isWritable()) {
                write(rows.take());
            }
            connection.flush();
        }
    }

    /** Ends the acknowledgements with a row for all; with those before it, unless the publisher does not read them. */
    private void replyLast(@Nullable String error) {
        begin();
        while (rows.size() > 1 && connection.isWritable()) {
            write(rows.take());
        }
        write(rows.takeLast(error));
    }

    private void begin() {
        if (!hasReplied) {
            start(Acknowledgement.toSchema(connection.allocator()));
        }
    }

    /** Writes a row as a batch: a client that reads one row of each batch reads all rows. */
    private void write(Acknowledgement row) {
        connection.write(row.toFrame(connection.allocator()));
    }

    /** Begins the reply with its schema, which is consumed. */
    private void start(IpcSchema schema) {
        hasReplied = true;
        connection.write(schema);
    }

    @Override
    public void onFinished() {
        connection.guarded(() -> {
            if (failure != null) {
                onRefused(failure);
            } else if (!isOver) {
                over();
                if (request.wantsAcks()) {
                    replyLast(null);
                    connection.endReply();
                } else {
                    connection.endWithoutReply();
                }
            }
        });
    }

    @Override
    public void onRefused(ProtocolException reason) {
        connection.guarded(() -> {
            if (isOver) {
                return;
            }
            over();
            if (hasReplied || (!rows.hasNothing() && request.wantsAcks())) {
                replyLast(reason.code() + ": " + reason.getMessage());
                connection.closeAfterReply(reason);
            } else {
                connection.refuse(reason);
            }
        });
    }

    private void over() {
        isOver = true;
        connection.setHeld(false);
    }

    private Publication publication() {
        return Objects.requireNonNull(publication);
    }
}
