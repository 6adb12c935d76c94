package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a channel read the body of a large message straight into the buffer that the message will have. Belongs to one
 * {@link IpcDecoder} and one channel.
 *
 * <p>Where another handler before the decoder consumes what is read, TLS for example, this shows: what was handed out
 * does not come back. Then no room is handed out, and bodies cost one copy. Where it is room that does not come back, that
 * is for good.
 *
 * <p>Confined to the channel's event loop.
 */
final class IpcReceiveAllocator implements RecvByteBufAllocator {
    /** A read takes no more than this, and reading stops after so much, so that the channels of a loop take turns. */
    private static final int MAX_READ_BYTES = 1 << 20;

    /** And no more reads than this, as with Netty's own allocators. */
    private static final int MAX_READS = 16;

    private final PartialMessage partial;
    private final DecoderMemory memory;
    private final AdaptiveRecvByteBufAllocator small = new AdaptiveRecvByteBufAllocator();
    private boolean isEnabled = true;

    /** What was handed out last and has not come back; not owned, for identity only. */
    private @Nullable ByteBuf handedOut;

    /** How many bytes were read into it. */
    private int readBytes;

    /** Whether it is the room of a body. */
    private boolean isRoom;

    /** Whether what was handed out before has come straight to the decoder. */
    private boolean isDirect = true;

    IpcReceiveAllocator(PartialMessage partial, DecoderMemory memory) {
        this.partial = partial;
        this.memory = memory;
        small.maxMessagesPerRead(MAX_READS); // which Netty sets for its own allocators only, not for this one
    }

    /**
     * A buffer has reached the decoder.
     *
     * @param in borrowed
     * @return whether it is the room that was handed out, and its bytes are thus where they belong
     */
    @SuppressWarnings("ReferenceEquality") // that very object, not one with equal bytes
    boolean isReceived(ByteBuf in) {
        boolean isSame = in == handedOut && in.readerIndex() == 0;
        boolean wasRoom = isRoom;
        if (handedOut != null) {
            // else the object has been recycled for another buffer
            isDirect = isSame && in.readableBytes() == readBytes;
        }
        forget();
        if (wasRoom && isSame) {
            partial.advance(in.readableBytes());
        } else if (wasRoom) {
            giveUp();
        }
        return wasRoom && isSame;
    }

    /** From now on any buffer will do. Whoever got the last room may keep it. */
    void stop() {
        isEnabled = false;
        forget();
    }

    private void forget() {
        handedOut = null;
        readBytes = 0;
        isRoom = false;
    }

    private void giveUp() {
        stop();
        partial.abandonRoom();
    }

    @Override
    @SuppressWarnings("deprecation") // the type of the interface's result
    public Handle newHandle() {
        return new RoomHandle((ExtendedHandle) small.newHandle());
    }

    private final class RoomHandle extends DelegatingHandle implements ExtendedHandle {
        private long turnBytes;

        private RoomHandle(ExtendedHandle delegate) {
            super(delegate);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            if (readBytes > 0) { // it was filled and has gone to somebody else
                isDirect = false;
                if (isRoom) {
                    giveUp();
                }
            }
            forget();
            ByteBufAllocator lender = memory.over(allocator);
            ByteBuf room = isEnabled && isDirect ? partial.nextRoom(MAX_READ_BYTES, lender) : null;
            ByteBuf next = room == null ? delegate().allocate(lender) : room;
            isRoom = room != null && partial.isInBody();
            handedOut = next;
            return next;
        }

        @Override
        public void reset(ChannelConfig config) {
            turnBytes = 0;
            super.reset(config);
        }

        @Override
        public void lastBytesRead(int bytes) {
            readBytes = Math.max(0, bytes);
            turnBytes += readBytes;
            super.lastBytesRead(bytes);
        }

        @Override
        public boolean continueReading() {
            return mayContinue() && super.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return mayContinue() && ((ExtendedHandle) delegate()).continueReading(maybeMore);
        }

        private boolean mayContinue() {
            return turnBytes < MAX_READ_BYTES && !partial.isHeldBack();
        }
    }
}
