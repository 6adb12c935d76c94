package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCounted;
import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One encapsulated message of an Arrow IPC stream: a reference-counted view of its bytes as they stand on the wire.
 *
 * <pre>
 *   FF FF FF FF │ metadata bytes: i32 │ metadata, padded to 8 │ body
 *   └───────────────────────── frame() ─────────────────────────────┘
 * </pre>
 *
 * <p>A decoder {@linkplain IpcDecoderConfig#withLegacyFraming that is told to} also accepts messages as they were before
 * Arrow 0.15, and leaves them as they are:
 *
 * <pre>
 *   metadata bytes: i32 │ metadata, padded so that body begins at a multiple of 8 │ body
 * </pre>
 *
 * <p>What is edited or rewritten has the continuation marker.
 *
 * <p>Ownership: whoever receives a message as <i>owned</i> or <i>consumed</i> releases it once. Its buffers are
 * <i>borrowed</i> and live as long as it does. Identity equality. The bytes are immutable, reference counts may be
 * dropped by any thread; all else is confined to the thread that holds the message.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format">Arrow: encapsulated
 *     message format</a>
 */
public abstract sealed class IpcMessage implements ReferenceCounted
        permits IpcSchema, IpcDictionaryBatch, IpcRecordBatch, IpcEndOfStream {
    /** Bytes before the metadata: continuation marker and metadata length. */
    static final int PREFIX_BYTES = 8;

    /** Bytes before the metadata as Arrow wrote it before 0.15: metadata length alone. */
    static final int LEGACY_PREFIX_BYTES = 4;

    /** What stands where a message begins, as a little-endian integer. */
    static final int CONTINUATION = -1;

    private final Frame frame;

    /** Null until somebody asks for them. */
    private @Nullable Map<String, String> entries;

    /** Takes over the reference that {@code frame} owns. */
    IpcMessage(Frame frame) {
        this.frame = frame;
    }

    /** Returns which kind of message this is. */
    public final IpcKind kind() {
        return frame.header().kind();
    }

    /** Returns the whole message, prefix included; borrowed, a new view with its own indices. */
    public final ByteBuf frame() {
        return frame.buffer().duplicate();
    }

    /** Returns the whole message, prefix included; owned, shares the bytes. */
    public final ByteBuf retainedFrame() {
        return frame.buffer().retainedDuplicate();
    }

    /** Returns the metadata with its padding, empty for the end of a stream; borrowed, a new view. */
    public final ByteBuf metadata() {
        return frame.metadata();
    }

    /**
     * Returns the body, empty where there is none; borrowed, a new view. A reference to it is one to the message. Where the
     * body is in one part {@link ByteBuf#nioBuffer()} shows it without a copy, also where it stands apart from the head, so
     * that the view has no address of its own.
     */
    public final ByteBuf body() {
        return frame.body();
    }

    /** Returns the length of the whole message in bytes. */
    public final int frameBytes() {
        return frame.buffer().readableBytes();
    }

    /**
     * Returns how much memory this message keeps from being freed, in bytes: the whole received buffer where it is a slice
     * of one, which messages beside it share; a little more than its length where it has a buffer of its own.
     */
    public final int pinnedBytes() {
        return Frame.pinnedBytes(frame.buffer());
    }

    /**
     * Returns what to hold on to in place of this message where it is to be kept for long: the message itself where it
     * pins no more than twice its length and 1 KiB, else a copy in a buffer of its own, with its body on a 64-byte
     * boundary.
     *
     * @param allocator for the copy
     * @return the same message, owned; this message is consumed
     */
    public abstract IpcMessage toKeep(ByteBufAllocator allocator);

    /** Returns the {@code custom_metadata} of the message itself, in order; of several with one key the first. Immutable. */
    public Map<String, String> customMetadata() {
        Map<String, String> present = entries;
        if (present == null) {
            present = Collections.unmodifiableMap(
                    CustomMetadata.read(frame.reader(), frame.header().entries()));
            entries = present;
        }
        return present;
    }

    /** Returns the buffer and its layout; borrowed. */
    final Frame bytes() {
        return frame;
    }

    @Override
    public final int refCnt() {
        return frame.buffer().refCnt();
    }

    @Override
    public IpcMessage retain() {
        frame.buffer().retain();
        return this;
    }

    @Override
    public IpcMessage retain(int increment) {
        frame.buffer().retain(increment);
        return this;
    }

    @Override
    public IpcMessage touch() {
        frame.buffer().touch();
        return this;
    }

    @Override
    public IpcMessage touch(Object hint) {
        frame.buffer().touch(hint);
        return this;
    }

    @Override
    public final boolean release() {
        return frame.buffer().release();
    }

    @Override
    public final boolean release(int decrement) {
        return frame.buffer().release(decrement);
    }

    @Override
    public final String toString() {
        return kind() + "(" + frameBytes() + " bytes)";
    }

    /** Returns a peer's text, cut to what an error message may repeat of it. */
    static String excerpt(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
