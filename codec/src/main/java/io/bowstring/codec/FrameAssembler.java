package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the messages in a sequence of received buffers.
 *
 * <pre>
 *   PREFIX ──────────────────► METADATA ──► BODY ──► PREFIX ...
 *   FF FF FF FF, length        header       message
 * </pre>
 *
 * <p>Where framing from before Arrow 0.15 is accepted too, the first 4 bytes say which of the two it is, of each message.
 *
 * <p>A message that lies wholly inside one received buffer is a slice of it. Any other is gathered in a buffer of its
 * own, with headroom, its body on a 64-byte boundary. A claim costs who makes it: that buffer is allocated whole only up
 * to the larger of 1 MiB and twice the largest message that has been completed. Of a larger one the received buffers are
 * kept as they are until half of it has arrived, so that each byte is copied at most once.
 *
 * <p>Owns what it gathers. Confined to one decoder.
 */
final class FrameAssembler {
    private enum State {
        PREFIX,
        METADATA,
        BODY
    }

    /** Bodies from this size on are received without a copy, where the channel has the decoder's receive allocator. */
    static final int DIRECT_BODY_BYTES = 64 << 10;

    /** A channel receives no more than this into a buffer that is not the room of a body. */
    private static final int MAX_RECEIVED_BYTES = 64 << 10;

    /** What a piece of a partial buffer takes on the heap, roughly. */
    private static final int PIECE_BYTES = 256;

    private static final int INITIAL_HEAD_BYTES = 64 << 10;
    private static final int INITIAL_BODY_BYTES = 1 << 20;

    private final IpcLimits limits;
    private final StreamState stream;
    private final DecoderMemory memory;
    private final ReadGate gate;

    /** Bytes of the shortest prefix that is accepted. */
    private final int shortestPrefix;

    private State state = State.PREFIX;
    private int prefixBytes;
    private int metadataBytes;

    /** How many bytes of the current message must be there before the next step. */
    private int neededBytes;

    private @Nullable MessageHeader header;

    /** What has arrived of a message that spans received buffers. */
    private @Nullable ByteBuf partial;

    /** Reads the metadata of all messages in the received buffer, from this index on; null where there is none yet. */
    private @Nullable MetadataReader received;

    private int receivedIndex;

    /** What received buffers the partial one is made of, where it is made of such. */
    private long pinnedBytes;

    private boolean isRoomAbandoned;
    private int largestBodyBytes;
    private int lastHeadBytes;
    private int lastBodyBytes;
    private long copiedBytes;

    FrameAssembler(IpcDecoderConfig config, DecoderMemory memory, ReadGate gate) {
        this.memory = memory;
        this.gate = gate;
        this.limits = config.limits();
        this.stream = new StreamState(config.limits(), config.verification());
        this.shortestPrefix = config.legacyFraming() ? IpcMessage.LEGACY_PREFIX_BYTES : IpcMessage.PREFIX_BYTES;
        beginMessage();
    }

    /**
     * Returns the next message, owned, or null where {@code in} is used up, or where a message begins of which it does not
     * have all and there is no memory for it: then {@code in} is still readable, and is to be kept for later.
     *
     * @param in borrowed; what has been read of it is taken over
     * @throws IpcException on the first violation, after which only {@link #close()} may be called
     */
    @Nullable
    IpcMessage next(ByteBuf in, ByteBufAllocator allocator) {
        while (true) {
            boolean isWhole = partial == null && in.readableBytes() >= neededBytes;
            ByteBuf gathered = isWhole ? in : gather(in, neededBytes, allocator);
            if (gathered == null) {
                received = null; // it reads memory that is about to be released
                return null;
            }
            switch (state) {
                case PREFIX -> {
                    if (isEndOfStream(reader(gathered, in, 0, prefixBytes))) {
                        take(in, prefixBytes).release();
                        return newEndOfStream();
                    }
                }
                case METADATA -> readHeader(reader(gathered, in, prefixBytes, metadataBytes));
                case BODY -> {
                    return newMessage(in, reader(gathered, in, prefixBytes, metadataBytes));
                }
            }
        }
    }

    /** Returns access to some of the bytes that have been gathered of the current message; borrowed. */
    private MetadataReader reader(ByteBuf gathered, ByteBuf in, int offset, int bytes) {
        int index = gathered.readerIndex();
        if (gathered != in) {
            return new MetadataReader(gathered, index + offset, bytes);
        }
        if (received == null) {
            if (in.nioBufferCount() != 1) { // made of parts: one NIO buffer for all of them would be a copy
                return new MetadataReader(in, index + offset, bytes);
            }
            received = new MetadataReader(in, index, in.readableBytes());
            receivedIndex = index;
        }
        return received.moveTo(index - receivedIndex + offset, bytes);
    }

    private int headBytes() {
        return prefixBytes + metadataBytes;
    }

    /** Reads the prefix: a metadata length, or 0 for the end of the stream. */
    private boolean isEndOfStream(MetadataReader prefix) {
        int marker = prefix.int32AtPosition(0);
        if (prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES) {
            if (marker != IpcMessage.CONTINUATION) {
                return isEndOfStream(marker);
            }
            prefixBytes = IpcMessage.PREFIX_BYTES;
            neededBytes = prefixBytes;
            return false;
        }
        if (marker != IpcMessage.CONTINUATION) {
            String hex = String.format("0x%08X", Integer.reverseBytes(marker));
            throw new IpcException(IpcErrorCode.NOT_ARROW, "continuation marker", hex, "0xFFFFFFFF");
        }
        return isEndOfStream(prefix.int32AtPosition(4));
    }

    private boolean isEndOfStream(int length) {
        if (length == 0) {
            return true;
        }
        if (length < 0 || (prefixBytes + length) % 8 != 0) {
            throw IpcException.malformed("metadata bytes", length, ">= 0, a multiple of 8 with its prefix");
        }
        stream.requireMetadataBytes(length);
        metadataBytes = length;
        neededBytes = headBytes();
        state = State.METADATA;
        return false;
    }

    private void readHeader(MetadataReader metadata) {
        MessageHeader read = MessageHeader.read(metadata, limits);
        stream.requireInOrder(read.kind());
        header = read;
        neededBytes = headBytes() + read.bodyBytes();
        state = State.BODY;
    }

    private IpcMessage newEndOfStream() {
        boolean isLegacy = prefixBytes == IpcMessage.LEGACY_PREFIX_BYTES;
        beginMessage();
        stream.end();
        return isLegacy ? IpcEndOfStream.LEGACY : IpcEndOfStream.INSTANCE;
    }

    private IpcMessage newMessage(ByteBuf in, MetadataReader metadata) {
        MessageHeader complete = Objects.requireNonNull(header);
        int headroom = partial == null ? 0 : partial.readerIndex();
        Frame frame = new Frame(take(in, neededBytes), complete, metadataBytes, headroom);
        lastHeadBytes = headBytes();
        lastBodyBytes = complete.bodyBytes();
        largestBodyBytes = Math.max(largestBodyBytes, lastBodyBytes);
        beginMessage();
        return stream.newMessage(frame, metadata);
    }

    private void beginMessage() {
        header = null;
        prefixBytes = shortestPrefix;
        neededBytes = prefixBytes;
        state = State.PREFIX;
    }

    /**
     * Returns the partial buffer, borrowed, with the first {@code needed} bytes of the current message from its reader
     * index on; null where they have not all arrived.
     */
    private @Nullable ByteBuf gather(ByteBuf in, int needed, ByteBufAllocator allocator) {
        if (partial == null && (!in.isReadable() || gate.isOver())) {
            return null;
        }
        while (true) {
            ByteBuf gathered = roomyPartial(needed, in, allocator);
            int missing = needed - gathered.readableBytes();
            if (missing <= 0) {
                return gathered;
            }
            if (gathered instanceof CompositeByteBuf pieces) {
                addPiece(in, pieces); // less than half of the message
                return null;
            }
            int bytes = Math.min(missing, Math.min(in.readableBytes(), gathered.writableBytes()));
            if (bytes == 0) {
                return null;
            }
            copiedBytes += Math.max(0, bytes - Math.max(0, headBytes() - gathered.readableBytes()));
            gathered.writeBytes(in, bytes);
        }
    }

    /**
     * Returns the partial buffer, borrowed, with room for at least one more of the needed bytes, or a composite one for
     * all that {@code in} has.
     */
    private ByteBuf roomyPartial(int needed, ByteBuf in, ByteBufAllocator allocator) {
        ByteBuf present = partial;
        int gatheredBytes = present == null ? 0 : present.readableBytes();
        int arrivedBytes = (int) Math.min(needed, (long) gatheredBytes + in.readableBytes());
        MessageHeader known = header;
        boolean isInPieces = known != null && (present == null || present.readerIndex() == 0); // 0: without headroom
        if (known != null
                && isInPieces
                && known.bodyBytes() > allowedBytes(arrivedBytes)
                && mayKeep(in, arrivedBytes)) {
            return present instanceof CompositeByteBuf ? present : newPieces(allocator);
        }
        boolean isFull = present != null && !present.isWritable() && gatheredBytes < needed;
        boolean isShared = present != null && isRoomAbandoned && present.refCnt() > 1;
        if (present == null || isInPieces || isFull || isShared) {
            return moveTo(newPartial(needed, arrivedBytes, allocator));
        }
        return present;
    }

    /** Returns how long a body may be for its buffer to be allocated whole. */
    private long allowedBytes(int arrivedBytes) {
        long earned = Math.max(INITIAL_BODY_BYTES, 2L * largestBodyBytes);
        return Math.max(earned, 2L * (arrivedBytes - headBytes()));
    }

    /** Returns whether it pins no more memory to keep {@code in} than could have been allocated instead. */
    private boolean mayKeep(ByteBuf in, int arrivedBytes) {
        long pinned = pinnedBytes + (in.isReadable() ? PIECE_BYTES + Frame.pinnedBytes(in) : 0);
        return pinned <= arrivedBytes + Math.max(INITIAL_BODY_BYTES, arrivedBytes);
    }

    private CompositeByteBuf newPieces(ByteBufAllocator allocator) {
        CompositeByteBuf pieces = allocator.compositeDirectBuffer(Integer.MAX_VALUE); // or it would copy by itself
        if (partial != null) {
            pieces.addComponent(true, partial);
        }
        pinnedBytes = 0;
        partial = pieces;
        return pieces;
    }

    private void addPiece(ByteBuf in, CompositeByteBuf pieces) {
        if (in.isReadable()) {
            pinnedBytes += PIECE_BYTES + Frame.pinnedBytes(in);
            pieces.addComponent(true, in.readRetainedSlice(in.readableBytes()));
        }
    }

    /** Allocates a partial buffer for a message of which so many bytes have arrived; owned. */
    private ByteBuf newPartial(int needed, int arrivedBytes, ByteBufAllocator allocator) {
        MessageHeader known = header;
        if (known == null) {
            int bytes = Math.min(needed, Math.max(INITIAL_HEAD_BYTES, 2 * arrivedBytes));
            return charged(allocator.directBuffer(bytes, bytes));
        }
        long allowed = allowedBytes(arrivedBytes);
        int bodyBytes = known.bodyBytes();
        while (bodyBytes > allowed) {
            bodyBytes -= bodyBytes / 2; // halves of the whole: what is copied while it grows stays below one body
        }
        return charged(Frame.allocate(allocator, Frame.HEADROOM_BYTES, headBytes(), bodyBytes));
    }

    private ByteBuf charged(ByteBuf buffer) {
        memory.charge(buffer);
        return buffer;
    }

    /** Makes {@code wider}, which is consumed, the partial buffer, with all that has been gathered. */
    private ByteBuf moveTo(ByteBuf wider) {
        ByteBuf present = partial;
        if (present != null) {
            copiedBytes += Math.max(0, present.readableBytes() - headBytes());
            wider.writeBytes(present);
            present.release();
        }
        isRoomAbandoned = false;
        pinnedBytes = 0;
        partial = wider;
        return wider;
    }

    /** Takes the current message out of where it was gathered; owned. */
    private ByteBuf take(ByteBuf in, int frameBytes) {
        ByteBuf gathered = partial;
        partial = null;
        return gathered == null ? in.readRetainedSlice(frameBytes) : gathered;
    }

    /**
     * Copies the rest of {@code in}, borrowed, so that received memory is not in use while its message waits for memory;
     * shares it where it is more than a channel receives at once, and thus not memory that counts. Owned.
     */
    ByteBuf hold(ByteBuf in, ByteBufAllocator uncounted) {
        int bytes = in.readableBytes();
        if (bytes > MAX_RECEIVED_BYTES) {
            return in.readRetainedSlice(bytes);
        }
        copiedBytes += Math.max(0, bytes - headBytes());
        return uncounted.directBuffer(bytes, bytes).writeBytes(in);
    }

    // The receive path.

    /**
     * Returns where the next bytes from the channel belong, or null where any buffer will do: the rest of a large body,
     * or just a head where large bodies follow. Owned; shares the count of the partial buffer.
     */
    @Nullable
    ByteBuf nextRoom(int maxBytes, ByteBufAllocator allocator) {
        MessageHeader known = header;
        ByteBuf room = partial; // roomy since the last bytes came
        boolean isLastForNow = room != null && gate.isOver(); // so not a byte of the message behind it
        if (known == null || room == null) {
            int missing = room == null ? lastHeadBytes : neededBytes - room.readableBytes();
            int expected = Math.min(missing, INITIAL_HEAD_BYTES); // a claim so far
            boolean isExact = lastBodyBytes >= DIRECT_BODY_BYTES || isLastForNow;
            return isExact ? allocator.directBuffer(expected, expected) : null;
        }
        if (room instanceof CompositeByteBuf || (known.bodyBytes() < DIRECT_BODY_BYTES && !isLastForNow)) {
            return null;
        }
        int missing = neededBytes - room.readableBytes();
        int bytes = Math.min(maxBytes, Math.min(missing, room.writableBytes()));
        return room.slice(room.writerIndex(), bytes).retain().setIndex(0, 0);
    }

    /** Returns whether the next bytes belong to a message whose header is known. */
    boolean isInBody() {
        return header != null && partial != null;
    }

    /** Returns whether nothing is to be read for now: the budget is used up, and no message waits for its end. */
    boolean isHeldBack() {
        return partial == null && gate.isOver();
    }

    /** Bytes have been received into the room that {@link #nextRoom} gave out. */
    void advance(int bytes) {
        ByteBuf room = Objects.requireNonNull(partial);
        room.writerIndex(room.writerIndex() + bytes);
    }

    /** Somebody else may hold the room: what follows goes to another buffer, so that the two do not write over each other. */
    void abandonRoom() {
        isRoomAbandoned = header != null;
    }

    /** Returns how many bytes of bodies have been copied from one buffer to another. */
    long copiedBytes() {
        return copiedBytes;
    }

    /** Returns the bytes of an incomplete message, owned, and forgets the message; null where there are none. */
    @Nullable
    ByteBuf detach() {
        ByteBuf gathered = partial;
        partial = null;
        received = null;
        beginMessage();
        return gathered;
    }

    void close() {
        ByteBuf gathered = detach();
        if (gathered != null) {
            gathered.release();
        }
    }
}
