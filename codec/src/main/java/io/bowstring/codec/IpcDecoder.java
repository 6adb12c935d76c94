package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes Arrow IPC streams, one after another on a connection, into {@link IpcMessage}s, which the next handler
 * receives as <i>owned</i>. With {@link IpcDecoderConfig#withBatchRuns} it receives small record batches as {@link
 * IpcRecordBatchRun}s.
 *
 * <p>A message that lies wholly inside one received buffer is handed on as a slice of it. Any other is gathered into a
 * buffer of its own, with its body on a 64-byte boundary; with the {@linkplain #receiveAllocator() receive allocator} the
 * channel reads large bodies straight into it. Lengths and counts are checked against {@link IpcLimits} before memory is
 * committed for them, and batches against their schema as {@link IpcVerification} says. With an {@link IpcBudget} the
 * channel is not read while the messages of one or all connections use more memory than that allows.
 *
 * <p>The first violation fires exactly one {@link IpcException} to {@code exceptionCaught} of the next handler; from
 * then on all input is discarded. So it is where anything else is thrown, an {@link OutOfMemoryError} for example, which
 * is fired as it is. Input that ends inside a message, by half-close or close, is a violation ({@code TRUNCATED}); input
 * that ends between messages is not, and whether an end of stream came before it is for the next handler to know. The
 * decoder neither logs nor closes.
 *
 * <p>Confined to the channel's event loop; one decoder per channel.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format">Arrow: IPC streaming format</a>
 */
public final class IpcDecoder extends ChannelDuplexHandler {
    private final DecoderMemory memory;
    private final PartialMessage partial;
    private final IpcStreamReader reader;
    private final IpcReceiveAllocator receiveAllocator;
    private final ReadGate gate;
    private final boolean hasRuns;

    /** What has come while other input was being decoded or the gate was closed. */
    private final Deque<ByteBuf> inputs = new ArrayDeque<>();

    private @Nullable ChannelHandlerContext context;
    private boolean isDecoding;
    private boolean isRemoved;
    private boolean hasFailed;
    private boolean hasFired;

    /** Creates a decoder with {@link IpcDecoderConfig#DEFAULTS}. */
    public IpcDecoder() {
        this(IpcDecoderConfig.DEFAULTS);
    }

    /** Creates a decoder that accepts what {@code config} says. */
    public IpcDecoder(IpcDecoderConfig config) {
        this(config, null);
    }

    /**
     * Creates a decoder that accepts what {@code config} says.
     *
     * @param quota what is asked before memory is taken for a message that is not whole; for this decoder alone. Null: all
     *     that the limits allow may be taken
     */
    public IpcDecoder(IpcDecoderConfig config, @Nullable IpcReceiveQuota quota) {
        this.memory = new DecoderMemory(config.pool(), config.budget());
        this.gate = new ReadGate(config.budget(), quota);
        this.reader = new IpcStreamReader(config);
        this.hasRuns = config.batchRuns();
        this.partial = new PartialMessage(memory, gate, reader);
        this.receiveAllocator = new IpcReceiveAllocator(partial, new DecoderMemory(config.pool(), config.budget()));
    }

    /**
     * Adds this decoder to the end of a channel's pipeline, and lets the channel read large bodies straight into their
     * buffers. Call it before the channel reads, in the {@code ChannelInitializer}.
     */
    public void addTo(Channel channel) {
        channel.config().setRecvByteBufAllocator(receiveAllocator);
        channel.pipeline().addLast(this);
    }

    /**
     * Returns the allocator that lets the decoder's channel, and no other, read the bodies of large messages straight into
     * their buffers. If the decoder is not added by {@link #addTo}, set it before the channel reads, or large bodies are
     * copied:
     *
     * <pre>{@code
     * channel.config().setRecvByteBufAllocator(decoder.receiveAllocator());
     * }</pre>
     *
     * <p>For NIO, epoll and io_uring. After a handler that changes what is read, such as TLS, it stands aside by itself;
     * so it does where io_uring reads into a buffer ring, which Netty does only when configured to.
     */
    public RecvByteBufAllocator receiveAllocator() {
        return receiveAllocator;
    }

    /**
     * Returns how many bytes of bodies have been copied from one buffer to another since the decoder was created: hardly any
     * of large ones where the {@linkplain #receiveAllocator() receive allocator} is in use. On the channel's event loop.
     */
    public long copiedBytes() {
        return partial.copiedBytes();
    }

    /**
     * Returns how many bytes have come of a message that is not whole yet; 0 between messages. On the channel's event
     * loop.
     */
    public int incompleteBytes() {
        return partial.gatheredBytes();
    }

    /** Returns whether a schema has come and the end of its stream has not. On the channel's event loop. */
    public boolean isInStream() {
        return reader.isInStream();
    }

    /**
     * Gives up the message that is arriving, whose memory is free at once, and discards all input from now on.
     *
     * <p>On the channel's event loop. Does nothing where the decoder has failed before, or is in no pipeline.
     *
     * @param cause is fired to {@code exceptionCaught} of the next handler
     */
    public void fail(Throwable cause) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || isRemoved || hasFailed) {
            return;
        }
        boolean wasClosed = gate.isClosed();
        abandon();
        decodeAll(ctx);
        ctx.fireExceptionCaught(cause);
        readOn(ctx, wasClosed);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (msg instanceof ByteBuf in) {
            inputs.add(in);
            decodeAll(ctx);
        } else {
            ctx.fireChannelRead(msg);
        }
    }

    private void decodeAll(ChannelHandlerContext ctx) {
        if (isDecoding) {
            return;
        }
        isDecoding = true;
        try {
            while (!gate.isClosed() && !inputs.isEmpty()) {
                decode(ctx, inputs.remove());
            }
        } finally {
            isDecoding = false;
        }
    }

    /** Decodes all of {@code in} for which there is memory; consumed. */
    private void decode(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf rest = in;
        try {
            if (!isRemoved && !hasFailed) {
                if (receiveAllocator.isReceived(in)) {
                    in.release(); // before its message is passed on, which then has its buffer to itself
                    rest = Unpooled.EMPTY_BUFFER;
                }
                memory.charge(rest);
                fireAll(ctx, rest);
            }
            if (isRemoved && rest.isReadable()) {
                ctx.fireChannelRead(rest.readRetainedSlice(rest.readableBytes()));
            } else if (!hasFailed && (rest.isReadable() || gate.isRefused())) {
                inputs.addFirst(rest.isReadable() ? partial.hold(rest, ctx.alloc()) : Unpooled.EMPTY_BUFFER);
                gate.close(ctx, () -> resume(ctx));
            }
        } catch (Throwable e) { // of the decoder or its allocator: Netty catches what handlers throw
            abandon(); // what follows could not be told apart from a message
            ctx.fireExceptionCaught(e);
        } finally {
            rest.release();
        }
    }

    /** Continues where there was no memory. */
    private void resume(ChannelHandlerContext ctx) {
        if (!gate.tryOpen()) {
            return;
        }
        boolean wasReadWanted = gate.takeWantedRead();
        decodeAll(ctx);
        boolean isReadWanted = wasReadWanted && !hasFired;
        if (hasFired) {
            hasFired = false;
            ctx.fireChannelReadComplete(); // which has not come with these messages
        }
        if (isReadWanted || ctx.channel().config().isAutoRead()) {
            read(ctx);
        }
    }

    private void fireAll(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBufAllocator allocator = memory.over(ctx.alloc());
        while (!isRemoved && !hasFailed) {
            Object message = next(in, allocator);
            if (message == null) {
                return;
            }
            hasFired = true;
            ctx.fireChannelRead(message);
        }
    }

    /**
     * Returns the next message or run of batches, owned, or null where {@code in} is used up, or where a message begins of
     * which it does not have all and there is no memory for it: then {@code in} is still readable, and is to be kept for later.
     *
     * @param in borrowed; the decoder takes over the bytes that it has read
     * @throws IpcException on the first violation
     */
    private @Nullable Object next(ByteBuf in, ByteBufAllocator allocator) {
        IpcRecordBatchRun run = hasRuns && partial.isEmpty() ? reader.takeRun(in) : null;
        if (run != null) {
            partial.complete(run.frame(run.count() - 1));
            return run;
        }
        IpcMessage message = partial.isEmpty() ? reader.takeWhole(in) : null;
        if (message == null) {
            if (gather(in, allocator) == null) {
                return null;
            }
            message = reader.takeGathered(Objects.requireNonNull(partial.detach()));
        }
        partial.complete(message.bytes());
        return message;
    }

    /** Returns the bytes of a message that has not arrived in one buffer, borrowed; null where they are not all there. */
    private @Nullable ByteBuf gather(ByteBuf in, ByteBufAllocator allocator) {
        while (true) {
            ByteBuf gathered = partial.gather(in, allocator);
            if (gathered == null || reader.isWhole(gathered)) {
                return gathered;
            }
        }
    }

    /** Returns the bytes of an incomplete message, owned, and forgets the message; null where there are none. */
    private @Nullable ByteBuf detach() {
        reader.forget();
        return partial.detach();
    }

    private void abandon() {
        hasFailed = true;
        gate.openForGood();
        receiveAllocator.stop();
        ReferenceCountUtil.release(detach());
    }

    /** The input has ended: what has come of a message will never be whole. */
    private void endInput(ChannelHandlerContext ctx) {
        gate.openForGood();
        decodeAll(ctx);
        if (!partial.isEmpty()) {
            String got = partial.gatheredBytes() + " bytes";
            abandon();
            ctx.fireExceptionCaught(new IpcException(IpcErrorCode.TRUNCATED, "message", got, "a whole message"));
        }
    }

    /** Passes on, or waits until there is memory for what is to be read. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!gate.isClosed() && partial.isHeldBack()) {
            gate.close(ctx, () -> resume(ctx));
        }
        if (!gate.isClosed()) {
            ctx.read();
        } else if (!ctx.channel().config().isAutoRead()) {
            gate.wantRead();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!hasFired && !hasFailed && !ctx.channel().config().isAutoRead()) {
            read(ctx); // the next handler has asked for a message and got none yet
        }
        hasFired = false;
        ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            endInput(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        endInput(ctx);
        ctx.fireChannelInactive();
    }

    /** Hands the bytes of an incomplete message on to the next handler. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        isRemoved = true;
        receiveAllocator.stop();
        ByteBuf gathered = detach();
        if (gathered != null) {
            ctx.fireChannelRead(gathered.slice()); // not writable: the channel may be reading into what comes after
        }
        boolean wasClosed = gate.isClosed();
        gate.openForGood();
        decodeAll(ctx);
        readOn(ctx, wasClosed);
    }

    /** Reads on where a gate that was closed stands open for good. */
    private void readOn(ChannelHandlerContext ctx, boolean wasClosed) {
        if (wasClosed && (gate.takeWantedRead() || ctx.channel().config().isAutoRead())) {
            ctx.read();
        }
    }
}
