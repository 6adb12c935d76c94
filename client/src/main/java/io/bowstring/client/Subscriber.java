package io.bowstring.client;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.Request;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Receives one reply of a server as messages: the stream of a topic, or the table of topics.
 *
 * <p>What arrives is read ahead by some megabytes; then the server is held back through TCP. A refusal is raised by
 * the first call of {@link #schema} or {@link #next}.
 *
 * <p>Confined to one thread at a time, but for {@link #close}, which any thread may call to end a call that blocks.
 */
public final class Subscriber implements AutoCloseable {
    private final Inbox inbox;
    private final ServerConnection connection;
    private boolean isAccepted;
    private boolean hasEnded;

    private Subscriber(Inbox inbox, ServerConnection connection) {
        this.inbox = inbox;
        this.connection = connection;
    }

    /**
     * Asks for the stream of a topic; blocks until the request is sent, not until there is an answer.
     *
     * @throws ClientException if there is no connection to be had
     */
    public static Subscriber open(ServerAddress server, SubscribeRequest request) throws InterruptedException {
        return send(server, request);
    }

    /**
     * Asks for the table of topics; blocks until the request is sent.
     *
     * @throws ClientException if there is no connection to be had
     */
    public static Subscriber open(ServerAddress server, ListRequest request) throws InterruptedException {
        return send(server, request);
    }

    private static Subscriber send(ServerAddress server, Request request) throws InterruptedException {
        Inbox inbox = new Inbox();
        Subscriber subscriber = new Subscriber(inbox, ServerConnection.open(server, inbox));
        subscriber.send(request);
        return subscriber;
    }

    private void send(Request request) {
        Channel channel = connection.channel();
        channel.write(IpcSchema.of(List.of(), request.toMetadata(), connection.allocator())
                .frame());
        channel.writeAndFlush(IpcEndOfStream.INSTANCE.frame());
    }

    /**
     * Asks for the table of topics once more, on the same connection; does not block. {@link #schema} and {@link #next}
     * go on with the new table, and the schema of the one before is released.
     *
     * @throws IllegalStateException if {@link #next} has not returned null yet
     */
    public void askAgain(ListRequest request) {
        if (!hasEnded) {
            throw new IllegalStateException("the reply before has not ended");
        }
        inbox.beginNext();
        isAccepted = false;
        hasEnded = false;
        send(request);
    }

    /**
     * Returns the schema of the reply; blocks until the topic has a publisher.
     *
     * @return the schema, borrowed: it lives until this subscriber is closed
     * @throws RefusedException if the server refused the request
     * @throws ConnectionLostException if the connection ended before it
     * @throws ClientException if the answer is not understood, or this subscriber has been closed
     */
    public IpcSchema schema() throws InterruptedException {
        IpcSchema schema = retainedSchema();
        schema.release(); // the inbox has it
        return schema;
    }

    /**
     * Returns the same schema and throws the same as {@link #schema}, for where another thread may {@link #close}.
     *
     * @return the schema, owned
     */
    public IpcSchema retainedSchema() throws InterruptedException {
        IpcSchema schema = inbox.schema();
        try {
            requireAccepted(schema);
            return schema;
        } catch (RuntimeException e) {
            schema.release();
            throw e;
        }
    }

    private void requireAccepted(IpcSchema schema) {
        if (isAccepted) {
            return;
        }
        Refusal refusal = Refusal.parse(schema);
        if (refusal != null) {
            throw new RefusedException(refusal);
        }
        isAccepted = true;
    }

    /**
     * Returns the next message behind the schema; blocks until there is one.
     *
     * @return a dictionary batch or a record batch, owned; null at the orderly end of the stream, then and ever after
     * @throws RefusedException if the server refused the request
     * @throws ConnectionLostException if the connection ended before the stream did
     * @throws ClientException if the answer is not understood, or this subscriber has been closed
     */
    public @Nullable IpcMessage next() throws InterruptedException {
        schema();
        if (hasEnded) {
            return null;
        }
        IpcMessage message = inbox.take();
        return switch (message.kind()) {
            case DICTIONARY_BATCH, RECORD_BATCH -> message;
            case END_OF_STREAM, SCHEMA -> {
                hasEnded = true;
                message.release();
                yield null;
            }
        };
    }

    /** Ends the subscription, drops what has not been taken, and releases the schema. Idempotent. */
    @Override
    public void close() {
        inbox.close(new ClientException("the subscriber has been closed"));
        connection.close();
    }
}
