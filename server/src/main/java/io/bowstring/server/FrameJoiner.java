package io.bowstring.server;

import io.bowstring.codec.ForeignBuffer;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together that stand right after one another in a {@link ForeignBuffer}, so that a run of small ones is one
 * write and not one each. All others pass as they are; the order stays.
 *
 * <p>Owns what has been added until it is passed on. Confined to the caller's thread.
 */
final class FrameJoiner {
    private final Consumer<ByteBuf> out;

    /** Of which {@code first} is the beginning, with a reference; null where nothing is held back. */
    private @Nullable ByteBuf first;

    private @Nullable ByteBuf run;
    private long endAddress;
    private int bytes;

    /**
     * Creates a joiner that holds nothing.
     *
     * @param out takes frames of one or several whole messages, which are consumed
     */
    FrameJoiner(Consumer<ByteBuf> out) {
        this.out = out;
    }

    /**
     * Adds a message, which may be passed on at once or be held back until it is clear what follows.
     *
     * @param message consumed
     */
    @SuppressWarnings("ReferenceEquality") // one memory, not one like it
    void add(IpcMessage message) {
        ByteBuf frame = message.frame();
        ByteBuf memory = frame.unwrap() instanceof ForeignBuffer shared && shared.hasMemoryAddress() ? shared : null;
        if (memory == null || frame.capacity() == memory.capacity()) { // all of it has no neighbours
            flush();
            out.accept(frame);
            return;
        }
        long address = frame.memoryAddress() + frame.readerIndex();
        if (memory == run && address == endAddress) {
            frame.release(); // the first one has a reference to all of the run
        } else {
            flush();
            first = frame;
            run = memory;
            bytes = 0;
        }
        bytes += frame.readableBytes();
        endAddress = address + frame.readableBytes();
    }

    /** Passes on what is held back. */
    void flush() {
        ByteBuf held = first;
        ByteBuf memory = run;
        if (held == null || memory == null) {
            return;
        }
        first = null;
        run = null;
        int start = (int) (endAddress - bytes - memory.memoryAddress());
        out.accept(memory.slice(start, bytes)); // takes over the reference of the first: a slice has none of its own
    }

    /** Drops what is held back. */
    void clear() {
        ByteBuf held = first;
        first = null;
        run = null;
        if (held != null) {
            held.release();
        }
    }
}
