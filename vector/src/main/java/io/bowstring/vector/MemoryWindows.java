package io.bowstring.vector;

import io.bowstring.codec.ForeignBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.LongSupplier;

/**
 * Memory that may be longer than a buffer can be, a part of it at a time. Confined to one thread; the parts are not.
 */
interface MemoryWindows extends AutoCloseable {
    /** Returns how long the memory is; that of a file may become longer. */
    long bytes();

    /** Returns a part of the memory, which stays in use until that is released; owned. */
    ByteBuf window(long start, int bytes) throws IOException;

    /** Lets go of the memory, of which parts may stay in use. To be called once. */
    @Override
    void close();

    /** Returns memory that is in use until this and all parts are closed. */
    static MemoryWindows ofAddress(long address, long bytes, Object owner, Runnable onFree) {
        UsedMemory memory = new UsedMemory(onFree);
        return new MemoryWindows() {
            @Override
            public long bytes() {
                return bytes;
            }

            @Override
            public ByteBuf window(long start, int windowBytes) {
                long at = address + start;
                ByteBuf window = new ForeignBuffer(
                        ForeignMemory.at(at, windowBytes), at, () -> keepUntil(owner, memory::release));
                memory.retain();
                return window;
            }

            @Override
            public void close() {
                memory.release();
            }
        };
    }

    /**
     * Returns the memory of a file, which is consumed: mapped until the garbage collector finds it out of use.
     *
     * @param end how much of the file there is, which may become more
     */
    static MemoryWindows ofFile(FileChannel file, LongSupplier end) {
        return new MemoryWindows() {
            @Override
            public long bytes() {
                return end.getAsLong();
            }

            @Override
            public ByteBuf window(long start, int windowBytes) throws IOException {
                ByteBuffer mapped = file.map(FileChannel.MapMode.READ_ONLY, start, windowBytes);
                long at = ForeignMemory.address(mapped);
                return new ForeignBuffer(ForeignMemory.at(at, windowBytes), at, () -> keepUntil(mapped, () -> {}));
            }

            @Override
            public void close() {
                try {
                    file.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /** Runs an action, before which an object is not collected: it frees memory when it is. */
    private static void keepUntil(Object owner, Runnable action) {
        try {
            action.run();
        } finally {
            Reference.reachabilityFence(owner);
        }
    }

    /** Counts the users of memory, on any thread. */
    final class UsedMemory extends AbstractReferenceCounted {
        private final Runnable onFree;

        private UsedMemory(Runnable onFree) {
            this.onFree = onFree;
        }

        @Override
        protected void deallocate() {
            onFree.run();
        }

        @Override
        public ReferenceCounted touch(Object hint) {
            return this;
        }
    }
}
