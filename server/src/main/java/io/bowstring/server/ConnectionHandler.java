package io.bowstring.server;

import io.bowstring.broker.Broker;
import io.bowstring.broker.MemoryShare;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.DeleteRequest;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.Request;
import io.bowstring.protocol.SubscribeRequest;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCounted;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one connection, one after another. A request is over when its stream has ended and its reply is
 * complete; what comes of the next one sooner waits, and reading pauses. So it does while the peer does not take its
 * replies.
 *
 * <p>Confined to the channel's event loop. The last handler of the pipeline: owns every message that reaches it.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    /** A column of a selection on the heap: its index, its field and its dictionary's id, in lists and sets. */
    private static final int COLUMN_BYTES = 64;

    private final Broker broker;
    private final ConnectionSource source;
    private final Duration probePeriod;
    private final Deque<ReferenceCounted> nextRequest = new ArrayDeque<>();

    /** What is counted of {@link #nextRequest}, and of the present request while its reply continues. */
    private long nextRequestBytes;

    private long requestBytes;
    private @Nullable Connection connection;
    private @Nullable Exchange exchange;
    /** What is wrong with the bytes after {@link #nextRequest}. */
    private @Nullable ProtocolException nextFailure;

    private boolean isRequestEnded;
    private boolean isReplyEnded;
    private boolean isInputEnded;
    private boolean isDraining;

    /**
     * Creates a handler.
     *
     * @param probePeriod how often a peer of which nothing more is heard is asked whether it is there
     */
    ConnectionHandler(Broker broker, ConnectionSource source, Duration probePeriod) {
        this.broker = broker;
        this.source = source;
        this.probePeriod = probePeriod;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection = new Connection(ctx, this, broker, source, probePeriod);
    }

    /** The server is stopping: the connection closes when the present exchange is over. */
    void onDrain() {
        isDraining = true;
        if (exchange == null || isReplyEnded) {
            connection().close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ReferenceCounted message = (ReferenceCounted) msg; // the decoder emits messages and runs alone
        if (connection().isClosing() || nextFailure != null) {
            message.release();
            return;
        }
        nextRequest.add(message);
        proceed();
        if (!nextRequest.isEmpty()) {
            countLast();
        }
    }

    /** Counts the message that has come last and waits; one that there is no room for is refused in its turn. */
    private void countLast() {
        ReferenceCounted last = nextRequest.getLast();
        long bytes = last instanceof IpcRecordBatchRun run
                ? run.frames().readableBytes()
                : ((IpcMessage) last).frame().readableBytes();
        try {
            connection().memory().charge("messages of the next request", bytes);
            nextRequestBytes += bytes;
        } catch (ProtocolException e) {
            nextRequest.removeLast().release();
            onInputBroken(e);
        }
    }

    /** Handles a message or a run of the present request; consumed. */
    private void handle(ReferenceCounted message) {
        if (exchange == null) {
            begin((IpcSchema) message); // the decoder lets nothing else begin a stream
        } else if (message instanceof IpcEndOfStream) {
            isRequestEnded = true;
            exchange.onRequestEnd();
            endIfOver();
        } else if (message instanceof IpcRecordBatchRun run) {
            exchange.onBatches(run);
        } else {
            exchange.onMessage((IpcMessage) message);
        }
    }

    private void begin(IpcSchema schema) {
        try {
            Request request = Request.parse(schema);
            countRequest(request, schema);
            LOG.debug("{} {}", connection(), request);
            isRequestEnded = false;
            isReplyEnded = false;
            if (request instanceof PublishRequest publish) {
                exchange = PublishExchange.begin(connection(), broker, publish, schema.retain());
            } else if (request instanceof SubscribeRequest subscribe) {
                exchange = SubscribeExchange.begin(connection(), broker, subscribe);
            } else if (request instanceof DeleteRequest delete) {
                exchange = DeleteExchange.begin(connection(), broker, delete);
            } else {
                exchange = ListExchange.begin(connection(), broker, (ListRequest) request);
            }
        } catch (ProtocolException e) {
            connection().refuse(e);
        } finally {
            schema.release();
        }
    }

    /**
     * Counts a request that may wait for long, or whose reply may: what is kept of it has less than twice its bytes, and for
     * each column of a subscription its place. Of a publish its schema is kept, by which the decoder checks what comes.
     */
    private void countRequest(Request request, IpcSchema schema) {
        long bytes = request instanceof PublishRequest
                ? MemoryShare.schemaBytes(schema)
                : 2L * schema.frame().readableBytes();
        if (request instanceof SubscribeRequest subscribe && subscribe.columns() != null) {
            bytes += (long) COLUMN_BYTES * subscribe.columns().count();
        }
        connection().memory().charge("the request", bytes);
        requestBytes = bytes;
    }

    /** The exchange has sent all of its reply. */
    void onReplyEnd() {
        isReplyEnded = true;
        endIfOver();
    }

    private void endIfOver() {
        if (exchange == null || !isReplyEnded) {
            return;
        }
        if (isRequestEnded) {
            exchange = null;
            connection().memory().release(requestBytes);
            requestBytes = 0;
        }
        proceed();
    }

    /** Handles what has come, as far as it is its turn. */
    private void proceed() {
        while (!nextRequest.isEmpty() && isReadyForMore()) {
            handle(nextRequest.remove());
        }
        if (nextRequest.isEmpty() && nextRequestBytes > 0) {
            connection().memory().release(nextRequestBytes);
            nextRequestBytes = 0;
        }
        connection().setPipelined(!nextRequest.isEmpty());
        connection().setProbed(isDeaf() && isSubscribed());
        if (nextRequest.isEmpty() && isReadyForMore()) {
            endInput();
        }
    }

    /** Returns whether nothing more is read, so that the end of the connection would not be seen there. */
    private boolean isDeaf() {
        return isInputEnded || !nextRequest.isEmpty();
    }

    /** Returns whether a reply continues for as long as there is something to say. */
    private boolean isSubscribed() {
        return exchange instanceof SubscribeExchange && !isReplyEnded;
    }

    /** Returns whether a message or the end of the input would be handled now; else it waits for its turn. */
    private boolean isReadyForMore() {
        return !connection().isClosing() && (exchange == null ? connection().isWritable() : !isRequestEnded);
    }

    /** Handles what there is of an end of the input, after all messages. */
    private void endInput() {
        ProtocolException failure = nextFailure;
        Exchange present = exchange;
        if (failure != null) {
            nextFailure = null;
            onBroken(failure);
        } else if (present == null || (isDraining && isReplyEnded)) {
            if (isDraining || isInputEnded) {
                connection().close();
            }
        } else if (isInputEnded) {
            present.onInputEnd();
            isRequestEnded = true;
            endIfOver();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            return;
        }
        if (exchange != null) {
            exchange.onWritable();
        } else {
            proceed();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            isInputEnded = true;
            if (connection().isClosing()) {
                connection().close();
            } else {
                proceed();
            }
        } else if (event instanceof HalfCloseEpollHandler.HangUp && isSubscribed()) {
            connection().lose(new EOFException("hung up"));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.onGone();
            exchange = null;
        }
        nextRequest.forEach(ReferenceCounted::release);
        nextRequest.clear();
    }

    /** The one place where an error of a connection is mapped to what its peer is told. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IpcException e) {
            String message = String.valueOf(e.getMessage());
            String limit = e.limit();
            onInputBroken(new ProtocolException(
                    ErrorCode.of(e.code()), limit == null ? message : ConfigKey.naming(limit, message)));
        } else if (cause instanceof ProtocolException e) {
            onInputBroken(e);
        } else if (cause instanceof IOException) {
            connection().lose(cause);
        } else {
            onStepFailed(cause);
        }
    }

    /** What the server does for the present exchange has failed, whatever the peer has sent. */
    void onStepFailed(Throwable cause) {
        if (cause instanceof ProtocolException reason) {
            onBroken(reason);
        } else if (cause instanceof OutOfMemoryError) {
            PeerLog.FAULTS.say(connection() + ": out of memory: " + cause.getMessage());
            onBroken(Broker.outOfMemory());
        } else {
            PeerLog.FAULTS.say(connection() + " failed", cause);
            onBroken(Broker.fault());
        }
    }

    /** What comes next is broken; the request that it belongs to may have its turn yet to come. */
    private void onInputBroken(ProtocolException reason) {
        nextFailure = reason;
        proceed();
    }

    private void onBroken(ProtocolException reason) {
        if (connection().isClosing()) {
            return;
        }
        try {
            if (exchange == null) {
                connection().refuse(reason);
            } else {
                exchange.onBroken(reason);
            }
        } catch (OutOfMemoryError e) {
            connection().reset(); // not even memory to say so
        } catch (RuntimeException | Error e) {
            PeerLog.FAULTS.say(connection() + " failed", e);
            connection().reset();
        }
    }

    private Connection connection() {
        return Objects.requireNonNull(connection);
    }
}
