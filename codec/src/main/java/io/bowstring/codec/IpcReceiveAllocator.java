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
 * <p>Where another handler in front of the decoder consumes what is read, TLS for example, this shows at the first large
 * body: the room that was handed out does not come back. Then it gives that up for good, and bodies cost one copy.
 *
 * <p>Confined to the channel's event loop.
 */
final class IpcReceiveAllocator implements RecvByteBufAllocator {
    /** One read takes no more than this, so that the channels of a loop take turns. */
    private static final int MAX_READ_BYTES = 1 << 20;

    private final FrameAssembler assembler;
    private final DecoderMemory memory;
    private final RecvByteBufAllocator small = new AdaptiveRecvByteBufAllocator();
    private boolean isEnabled = true;

    /** The room that was handed out last and has not come back; not owned, for identity only. */
    private @Nullable ByteBuf room;

    IpcReceiveAllocator(FrameAssembler assembler, DecoderMemory memory) {
        this.assembler = assembler;
        this.memory = memory;
    }

    /**
     * A buffer has reached the decoder.
     *
     * @param in borrowed
     * @return whether it is the room that was handed out, and its bytes are thus where they belong
     */
    @SuppressWarnings("ReferenceEquality") // that very object, not one with equal bytes
    boolean isReceived(ByteBuf in) {
        ByteBuf handedOut = room;
        room = null;
        if (in == handedOut && in.readerIndex() == 0) {
            assembler.advance(in.readableBytes());
            return true;
        }
        if (handedOut != null) {
            giveUp();
        }
        return false;
    }

    /** From now on any buffer will do. Whoever got the last room may keep it. */
    void stop() {
        isEnabled = false;
        room = null;
    }

    private void giveUp() {
        stop();
        assembler.abandonRoom();
    }

    @Override
    @SuppressWarnings("deprecation") // the type of the interface's result
    public Handle newHandle() {
        return new RoomHandle((ExtendedHandle) small.newHandle());
    }

    private final class RoomHandle implements ExtendedHandle {
        private final ExtendedHandle delegate;
        private boolean hasRead;

        private RoomHandle(ExtendedHandle delegate) {
            this.delegate = delegate;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            if (room != null && hasRead) {
                giveUp(); // it was filled and has gone to somebody else
            }
            hasRead = false;
            room = null;
            ByteBufAllocator lender = memory.over(allocator);
            ByteBuf next = isEnabled ? assembler.nextRoom(MAX_READ_BYTES, lender) : null;
            room = assembler.isInBody() ? next : null;
            return next == null ? delegate.allocate(lender) : next;
        }

        @Override
        public int guess() {
            return delegate.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            delegate.reset(config);
        }

        @Override
        public void incMessagesRead(int messages) {
            delegate.incMessagesRead(messages);
        }

        @Override
        public void lastBytesRead(int bytes) {
            hasRead = bytes > 0;
            delegate.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return delegate.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            delegate.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return delegate.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return !assembler.isHeldBack() && delegate.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return !assembler.isHeldBack() && delegate.continueReading(maybeMore);
        }

        @Override
        public void readComplete() {
            delegate.readComplete();
        }
    }
}
