package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes Arrow IPC streams, one after another on a connection, into {@link IpcMessage}s, which the next handler
 * receives as <i>owned</i>.
 *
 * <pre>
 *   PREFIX ──► METADATA ──► BODY ──► PREFIX ...        any ──► FAILED (terminal)
 *   FF FF FF FF, length     header   message
 * </pre>
 *
 * <p>A message that lies wholly inside one received buffer is handed on as a slice of it. Any other is gathered into a
 * buffer of its own, allocated once in the right size when its header is known, with its body on a 64-byte boundary and
 * {@linkplain Frame headroom} in front. Lengths and counts are checked against {@link IpcLimits} before memory is
 * committed for them.
 *
 * <p>The first violation fires exactly one {@link IpcException} to {@code exceptionCaught} of the next handler; from
 * then on all input is discarded; so it is where memory cannot be had and an {@link OutOfMemoryError} is fired. Input that ends inside a message, by half-close or close, is a violation
 * ({@code TRUNCATED}); input that ends between messages is not, and whether an end of stream came before it is for the
 * next handler to know. The decoder neither logs nor closes nor counts.
 *
 * <p>Confined to the channel's event loop; one decoder per channel.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format">Arrow: IPC streaming format</a>
 */
public final class IpcDecoder extends ChannelInboundHandlerAdapter {
    private enum State {
        PREFIX,
        METADATA,
        BODY,
        FAILED
    }

    /** Metadata is gathered in steps of what has arrived; more than this is never allocated on a claim alone. */
    private static final int INITIAL_HEAD_BYTES = 64 << 10;

    private final IpcLimits limits;

    // Current decoding state.
    private State state = State.PREFIX;
    private int metadataBytes;
    private @Nullable MessageHeader header;
    /** The dictionary ids of the current stream's schema; null between streams. */
    private @Nullable Set<Long> dictionaryIds;

    /** What has arrived of a message that spans received buffers; owned. */
    private @Nullable ByteBuf partial;

    // Citizenship in the pipeline.
    private final Queue<ByteBuf> reentrant = new ArrayDeque<>();
    private boolean isDecoding;
    private boolean isRemoved;
    private boolean hasFired;

    /** Creates a decoder with {@link IpcLimits#DEFAULTS}. */
    public IpcDecoder() {
        this(IpcLimits.DEFAULTS);
    }

    /** Creates a decoder that accepts what is within {@code limits}. */
    public IpcDecoder(IpcLimits limits) {
        this.limits = limits;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof ByteBuf in)) {
            ctx.fireChannelRead(msg);
            return;
        }
        reentrant.add(in);
        if (isDecoding) {
            return;
        }
        isDecoding = true;
        try {
            for (ByteBuf next = reentrant.poll(); next != null; next = reentrant.poll()) {
                decode(ctx, next);
            }
        } finally {
            isDecoding = false;
        }
    }

    /** Decodes all of {@code in}; consumed. */
    private void decode(ChannelHandlerContext ctx, ByteBuf in) {
        try {
            while (!isRemoved && step(ctx, in)) {
                // one state after another until the input is used up
            }
            if (isRemoved && in.isReadable()) {
                ctx.fireChannelRead(in.readRetainedSlice(in.readableBytes()));
            }
        } catch (IpcException e) {
            fail(ctx, e);
        } catch (OutOfMemoryError e) {
            abandon(); // what follows could not be told apart from a message
            throw e;
        } finally {
            in.release();
        }
    }

    /** Returns whether the state advanced; else more bytes are needed. */
    private boolean step(ChannelHandlerContext ctx, ByteBuf in) {
        return switch (state) {
            case PREFIX -> decodePrefix(ctx, in);
            case METADATA -> decodeMetadata(ctx, in);
            case BODY -> decodeBody(ctx, in);
            case FAILED -> false;
        };
    }

    // FF FF FF FF, length
    private boolean decodePrefix(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf head = gather(ctx, in, IpcMessage.PREFIX_BYTES);
        if (head == null) {
            return false;
        }
        int marker = head.getIntLE(head.readerIndex());
        int length = head.getIntLE(head.readerIndex() + 4);
        if (marker != IpcMessage.CONTINUATION) {
            String hex = String.format("0x%08X", Integer.reverseBytes(marker));
            throw new IpcException(IpcErrorCode.NOT_ARROW, "continuation marker", hex, "0xFFFFFFFF");
        }
        if (length == 0) {
            endStream(ctx, in);
            return true;
        }
        if (length < 0 || length % 8 != 0) {
            throw IpcException.malformed("metadata bytes", length, ">= 0, a multiple of 8");
        }
        boolean isInStream = dictionaryIds != null;
        int limit = isInStream ? limits.maxMetadataBytes() : limits.maxSchemaBytes();
        if (length > limit) {
            throw IpcException.tooLarge(isInStream ? "metadata bytes" : "schema bytes", length, limit);
        }
        metadataBytes = length;
        state = State.METADATA;
        return true;
    }

    private void endStream(ChannelHandlerContext ctx, ByteBuf in) {
        if (dictionaryIds == null) {
            throw IpcException.outOfOrder("message", IpcKind.END_OF_STREAM, "a schema");
        }
        take(in, IpcMessage.PREFIX_BYTES).release();
        dictionaryIds = null;
        state = State.PREFIX;
        fire(ctx, IpcEndOfStream.INSTANCE);
    }

    // prefix, metadata <here>
    private boolean decodeMetadata(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf head = gather(ctx, in, IpcMessage.PREFIX_BYTES + metadataBytes);
        if (head == null) {
            return false;
        }
        MetadataReader reader = new MetadataReader(head, head.readerIndex() + IpcMessage.PREFIX_BYTES, metadataBytes);
        MessageHeader read = MessageHeader.read(reader, limits);
        boolean isInStream = dictionaryIds != null;
        if (isInStream == (read.kind() == IpcKind.SCHEMA)) {
            throw IpcException.outOfOrder("message", read.kind(), isInStream ? "a batch" : "a schema");
        }
        header = read;
        state = State.BODY;
        return true;
    }

    // prefix, metadata, body <here>
    private boolean decodeBody(ChannelHandlerContext ctx, ByteBuf in) {
        MessageHeader complete = Objects.requireNonNull(header);
        int frameBytes = IpcMessage.PREFIX_BYTES + metadataBytes + complete.bodyBytes();
        if (gather(ctx, in, frameBytes) == null) {
            return false;
        }
        int headroom = partial == null ? 0 : partial.readerIndex();
        IpcMessage message = newMessage(new Frame(take(in, frameBytes), complete, metadataBytes, headroom));
        header = null;
        state = State.PREFIX;
        fire(ctx, message);
        return true;
    }

    /** Wraps a frame, whose reference is consumed; the result is owned. */
    private IpcMessage newMessage(Frame frame) {
        try {
            return switch (frame.header().kind()) {
                case SCHEMA -> newSchema(frame);
                case DICTIONARY_BATCH -> newDictionaryBatch(frame);
                case RECORD_BATCH -> new IpcRecordBatch(frame);
                case END_OF_STREAM -> throw new AssertionError("has no metadata");
            };
        } catch (IpcException e) {
            frame.buffer().release();
            throw e;
        }
    }

    private IpcSchema newSchema(Frame frame) {
        IpcSchema schema = new IpcSchema(frame, limits);
        dictionaryIds = schema.dictionaryIds();
        return schema;
    }

    private IpcDictionaryBatch newDictionaryBatch(Frame frame) {
        IpcDictionaryBatch batch = new IpcDictionaryBatch(frame);
        if (dictionaryIds == null || !dictionaryIds.contains(batch.id())) {
            throw IpcException.malformed("dictionary id", batch.id(), "an id in the schema");
        }
        return batch;
    }

    /**
     * Returns a buffer with the first {@code frameBytes} of the current message from its reader index on, borrowed: the
     * received one where it has them all, else the partial one. Null where they have not all arrived.
     */
    private @Nullable ByteBuf gather(ChannelHandlerContext ctx, ByteBuf in, int frameBytes) {
        ByteBuf gathered = partial;
        if (gathered == null) {
            if (in.readableBytes() >= frameBytes) {
                return in;
            }
            if (!in.isReadable()) {
                return null;
            }
        }
        if (gathered == null || (header != null && gathered.readerIndex() == 0)) { // 0: a head, without headroom
            gathered = partial = newPartial(ctx, gathered, frameBytes);
        }
        gathered.writeBytes(in, Math.min(frameBytes - gathered.readableBytes(), in.readableBytes()));
        return gathered.readableBytes() == frameBytes ? gathered : null;
    }

    /** Allocates a partial buffer and moves what has been gathered into it; {@code gathered} is consumed. */
    private ByteBuf newPartial(ChannelHandlerContext ctx, @Nullable ByteBuf gathered, int frameBytes) {
        MessageHeader known = header;
        int headBytes = IpcMessage.PREFIX_BYTES + metadataBytes;
        // Step 2 places the advance rule and the receive path straight into the body here.
        ByteBuf wider = known == null
                ? ctx.alloc().directBuffer(Math.min(frameBytes, INITIAL_HEAD_BYTES))
                : Frame.allocate(ctx.alloc(), Frame.HEADROOM_BYTES, headBytes, known.bodyBytes());
        if (gathered != null) {
            wider.writeBytes(gathered);
            gathered.release();
        }
        return wider;
    }

    /** Takes the current message out of where it was gathered; owned. */
    private ByteBuf take(ByteBuf in, int frameBytes) {
        ByteBuf gathered = partial;
        if (gathered == null) {
            return in.readRetainedSlice(frameBytes);
        }
        partial = null;
        return gathered;
    }

    private void fire(ChannelHandlerContext ctx, IpcMessage message) {
        hasFired = true;
        ctx.fireChannelRead(message);
    }

    private void fail(ChannelHandlerContext ctx, IpcException e) {
        abandon();
        ctx.fireExceptionCaught(e);
    }

    private void abandon() {
        state = State.FAILED;
        header = null;
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    /** The input has ended: what has come of a message will never be whole. */
    private void endInput(ChannelHandlerContext ctx) {
        ByteBuf gathered = partial;
        if (gathered != null) {
            String got = gathered.readableBytes() + " bytes";
            fail(ctx, new IpcException(IpcErrorCode.TRUNCATED, "message", got, "a whole message"));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!hasFired && state != State.FAILED && !ctx.channel().config().isAutoRead()) {
            ctx.read(); // the next handler has asked for a message and got none yet
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
        ByteBuf gathered = partial;
        partial = null;
        if (gathered != null) {
            ctx.fireChannelRead(gathered);
        }
    }
}
