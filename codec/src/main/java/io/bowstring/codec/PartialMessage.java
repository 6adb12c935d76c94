package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived of a message that spans received buffers: nothing, a head, or a head and the beginning of a body.
 *
 * <pre>
 *   head, up to 64 KiB ahead       │ head │
 *   large body, less than half     │ head │ piece │ piece │ ...   received buffers as they are
 *   body                           │ headroom │ head │ body ─────────► room │
 * </pre>
 *
 * <p>The body stands on a 64-byte boundary. A claim costs the peer that makes it: memory is allocated for a whole body only up
 * to the larger of 1 MiB and twice the largest body that has been completed. Of a larger one the received buffers are kept as
 * they are until half of it has arrived, so that each byte is copied at most once. All of it is asked for at the gate
 * before it is taken.
 *
 * <p>Owns what it gathers. Confined to one decoder.
 */
final class PartialMessage {
    /** Bodies from this size on are received without a copy, where the channel has the decoder's receive allocator. */
    static final int DIRECT_BODY_BYTES = 64 << 10;

    /** A channel receives no more than this into a buffer that is not the room of a body. */
    private static final int MAX_RECEIVED_BYTES = 64 << 10;

    /** A piece of a partial buffer takes about this many bytes of the heap. */
    private static final int PIECE_BYTES = 256;

    private static final int INITIAL_HEAD_BYTES = 64 << 10;
    private static final int INITIAL_BODY_BYTES = 1 << 20;

    private final DecoderMemory memory;
    private final ReadGate gate;

    /** Says what of the message is known, and what must be there before more is. */
    private final IpcStreamReader reader;

    private @Nullable ByteBuf partial;

    /** What received buffers the partial one is made of, where it is made of such. */
    private long pinnedBytes;

    /** What the gate has granted, in bytes. */
    private long heldBytes;

    private boolean isRoomAbandoned;
    private int largestBodyBytes;
    private int lastHeadBytes;
    private int lastBodyBytes;
    private long copiedBytes;

    PartialMessage(DecoderMemory memory, ReadGate gate, IpcStreamReader reader) {
        this.memory = memory;
        this.gate = gate;
        this.reader = reader;
    }

    boolean isEmpty() {
        return partial == null;
    }

    /** Returns how many bytes have been gathered. */
    int gatheredBytes() {
        return partial == null ? 0 : partial.readableBytes();
    }

    private int bodyBytes() {
        return reader.neededBytes() - reader.headBytes();
    }

    /** A message was whole, borrowed: the one that was gathered or, where none was, one that lay in the received buffer. */
    void complete(Frame message) {
        if (message.header().kind() != IpcKind.END_OF_STREAM) {
            lastHeadBytes = message.headBytes();
            lastBodyBytes = message.bodyBytes();
            largestBodyBytes = Math.max(largestBodyBytes, lastBodyBytes);
        }
    }

    /** Returns what has been gathered, owned, and forgets it; null where there is nothing. */
    @Nullable
    ByteBuf detach() {
        ByteBuf gathered = partial;
        partial = null;
        if (heldBytes != 0) {
            heldBytes = 0;
            gate.letGo();
        }
        return gathered;
    }

    /**
     * Returns the partial buffer, borrowed, with the bytes that the next step needs from its reader index on; null
     * where they have not all arrived.
     */
    @Nullable
    ByteBuf gather(ByteBuf in, ByteBufAllocator allocator) {
        if (partial == null && (!in.isReadable() || gate.isOver())) {
            return null;
        }
        while (true) {
            ByteBuf gathered = roomyPartial(in, allocator);
            if (gathered == null) {
                return null; // no memory for now
            }
            int missing = reader.neededBytes() - gathered.readableBytes();
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
            if (reader.isBodyKnown()) {
                copiedBytes += Math.max(0, bytes - Math.max(0, reader.headBytes() - gathered.readableBytes()));
            }
            gathered.writeBytes(in, bytes);
        }
    }

    /**
     * Returns the partial buffer, borrowed, with room for at least one more of the needed bytes, or a composite one for
     * all that {@code in} has; null where there is no memory for it now.
     */
    private @Nullable ByteBuf roomyPartial(ByteBuf in, ByteBufAllocator allocator) {
        ByteBuf present = partial;
        int gatheredBytes = present == null ? 0 : present.readableBytes();
        int arrivedBytes = (int) Math.min(reader.neededBytes(), (long) gatheredBytes + in.readableBytes());
        boolean hasNoHeadroom = present == null || present.readerIndex() == 0;
        boolean isInPieces = reader.isBodyKnown() && hasNoHeadroom;
        if (isInPieces && bodyBytes() > allowedBytes(arrivedBytes) && mayKeep(in, arrivedBytes)) {
            return present instanceof CompositeByteBuf ? present : newPieces(allocator);
        }
        boolean isFull = present != null && !present.isWritable() && gatheredBytes < reader.neededBytes();
        boolean isShared = present != null && isRoomAbandoned && present.refCnt() > 1;
        if (present == null || isInPieces || isFull || isShared) {
            return widen(arrivedBytes, allocator);
        }
        return present;
    }

    /** Returns how long a body may be for its buffer to be allocated whole. */
    private long allowedBytes(int arrivedBytes) {
        long earned = Math.max(INITIAL_BODY_BYTES, 2L * largestBodyBytes);
        return Math.max(earned, 2L * (arrivedBytes - reader.headBytes()));
    }

    /** Returns whether it pins no more memory to keep {@code in} than could have been allocated instead. */
    private boolean mayKeep(ByteBuf in, int arrivedBytes) {
        long pinned = pinnedBytes + (in.isReadable() ? PIECE_BYTES + Frame.pinnedBytes(in) : 0);
        return pinned <= arrivedBytes + Math.max(INITIAL_BODY_BYTES, arrivedBytes);
    }

    private CompositeByteBuf newPieces(ByteBufAllocator allocator) {
        CompositeByteBuf pieces = allocator.compositeDirectBuffer(Integer.MAX_VALUE); // or it would copy by itself
        ByteBuf present = partial;
        partial = pieces; // first: adding a component consumes it, whatever is thrown
        pinnedBytes = 0;
        return present == null ? pieces : pieces.addComponent(true, present);
    }

    private void addPiece(ByteBuf in, CompositeByteBuf pieces) {
        long piece = in.isReadable() ? PIECE_BYTES + Frame.pinnedBytes(in) : 0;
        if (piece > 0 && tryHold(heldBytes + piece, mostBytes())) {
            pinnedBytes += piece;
            pieces.addComponent(true, in.readRetainedSlice(in.readableBytes()));
        }
    }

    private boolean tryHold(long bytes, long mostBytes) {
        boolean mayHold = gate.tryHold(bytes, Math.max(bytes, mostBytes));
        heldBytes = mayHold ? bytes : heldBytes;
        return mayHold;
    }

    /**
     * Makes a new buffer, for a message of which so many bytes have arrived, the partial one. Returns it, borrowed; null
     * where there is no memory for it now.
     */
    private @Nullable ByteBuf widen(int arrivedBytes, ByteBufAllocator allocator) {
        int bytes = newBytes(arrivedBytes);
        int headroom = Frame.HEADROOM_BYTES;
        int taken =
                memory.takenBytes(reader.isBodyKnown() ? Frame.capacity(headroom, reader.headBytes(), bytes) : bytes);
        if (!tryHold(heldBytes + taken, mostBytes())) { // both, while bytes are copied
            return null;
        }
        ByteBuf wider = reader.isBodyKnown()
                ? Frame.allocate(allocator, headroom, reader.headBytes(), bytes)
                : allocator.directBuffer(bytes, bytes);
        memory.charge(wider);
        moveTo(wider);
        if (heldBytes > taken) {
            tryHold(taken, bytes == (reader.isBodyKnown() ? bodyBytes() : reader.neededBytes()) ? taken : mostBytes());
        }
        return wider;
    }

    /** Returns how much the message comes to hold on its way, as far as its end is known. */
    private long mostBytes() {
        if (!reader.isBodyKnown()) {
            int head = reader.neededBytes();
            return head <= INITIAL_HEAD_BYTES ? head : head + head / 2;
        }
        long whole = memory.takenBytes(Frame.capacity(Frame.HEADROOM_BYTES, reader.headBytes(), bodyBytes()));
        int half = bodyBytes() / 2;
        boolean isHeadAlone = partial != null && partial.readerIndex() == 0; // not in the buffer of its body yet
        boolean isEarned = bodyBytes() <= Math.max(INITIAL_BODY_BYTES, 2L * largestBodyBytes);
        return isEarned ? whole + (isHeadAlone ? heldBytes : 0) : whole + half + Math.max(INITIAL_BODY_BYTES, half);
    }

    /** Returns how long the new buffer is to be, less the head where there is a body. */
    private int newBytes(int arrivedBytes) {
        int head = reader.isBodyKnown() ? reader.headBytes() : 0;
        if (gate.isUnbounded()) {
            return Math.max(0, arrivedBytes - head);
        }
        if (!reader.isBodyKnown()) {
            return Math.min(reader.neededBytes(), Math.max(INITIAL_HEAD_BYTES, 2 * arrivedBytes));
        }
        long allowed = allowedBytes(arrivedBytes);
        int bytes = bodyBytes();
        while (bytes > allowed) {
            bytes -= bytes / 2; // halves of the whole: what is copied while it grows stays below one body
        }
        return bytes;
    }

    /** Makes {@code wider}, which is consumed, the partial buffer, with all that has been gathered. */
    private void moveTo(ByteBuf wider) {
        ByteBuf present = partial;
        if (present != null) {
            copiedBytes += reader.isBodyKnown() ? Math.max(0, present.readableBytes() - reader.headBytes()) : 0;
            Frame.filled(wider, to -> to.writeBytes(present));
            present.release();
        }
        isRoomAbandoned = false;
        pinnedBytes = 0;
        partial = wider;
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
        copiedBytes += Math.max(0, bytes - lastHeadBytes);
        return Frame.filled(uncounted.directBuffer(bytes, bytes), to -> to.writeBytes(in));
    }

    // The receive path.

    /**
     * Returns where the next bytes from the channel belong, or null where any buffer will do: the rest of a large body,
     * or just a head where large bodies follow. Owned; shares the count of the partial buffer.
     */
    @Nullable
    ByteBuf nextRoom(int maxBytes, ByteBufAllocator allocator) {
        ByteBuf room = partial; // roomy since the last bytes came
        boolean isLastForNow = room != null && gate.isOver(); // so not a byte of the message after it
        if (!reader.isBodyKnown() || room == null) {
            int missing = room == null ? lastHeadBytes : reader.neededBytes() - room.readableBytes();
            int expected = Math.min(missing, INITIAL_HEAD_BYTES); // a claim so far
            boolean isExact = lastBodyBytes >= DIRECT_BODY_BYTES || isLastForNow;
            return isExact ? allocator.directBuffer(expected, expected) : null;
        }
        if (room instanceof CompositeByteBuf || (bodyBytes() < DIRECT_BODY_BYTES && !isLastForNow)) {
            return null;
        }
        int missing = reader.neededBytes() - room.readableBytes();
        int bytes = Math.min(maxBytes, Math.min(missing, room.writableBytes()));
        return room.slice(room.writerIndex(), bytes).retain().setIndex(0, 0);
    }

    /** Returns whether the next bytes belong to a message whose header is known. */
    boolean isInBody() {
        return reader.isBodyKnown() && partial != null;
    }

    /** Returns whether nothing is to be read for now: the gate is closed, or is to be and no message waits for its end. */
    boolean isHeldBack() {
        return gate.isClosed() || (partial == null && gate.isOver());
    }

    /** Bytes have been received into the room that {@link #nextRoom} gave out. */
    void advance(int bytes) {
        ByteBuf room = Objects.requireNonNull(partial);
        room.writerIndex(room.writerIndex() + bytes);
    }

    /** Somebody else may hold the room: what follows goes to another buffer, so that the two do not write over each other. */
    void abandonRoom() {
        isRoomAbandoned = reader.isBodyKnown();
    }

    /** Returns how many bytes of bodies have been copied from one buffer to another. */
    long copiedBytes() {
        return copiedBytes;
    }
}
