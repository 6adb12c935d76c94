package io.bowstring.flight;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.AbstractReferenceCounted;
import org.jspecify.annotations.Nullable;

/**
 * What one gRPC message of Arrow Flight's {@code DoGet}, {@code DoPut} and {@code DoExchange} carries: an Arrow message
 * and what belongs to it. For those who use gRPC without Arrow's own Flight library; {@link FlightDataDecoder} reads it
 * from protobuf, {@link #encode} writes it.
 *
 * <p>Flight has no end-of-stream marker: a stream ends with its call.
 *
 * <p>Ownership: whoever has one as <i>owned</i> releases it once. Its parts are <i>borrowed</i> and live as long as it
 * does; what is retained outlives it. Identity equality. Immutable, reference counts may be dropped by any thread; all
 * else is confined to the thread that holds it.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Flight.html">Arrow Flight RPC</a>
 */
public final class FlightData extends AbstractReferenceCounted {
    private final @Nullable IpcMessage message;
    private final ByteBuf descriptor;
    private final ByteBuf appMetadata;

    /**
     * Wraps a message alone.
     *
     * @param message consumed
     * @throws IllegalArgumentException where it is an end of stream
     */
    public FlightData(IpcMessage message) {
        this(message, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER);
    }

    /**
     * Wraps a message and what belongs to it.
     *
     * @param message the Arrow message, null for metadata alone; consumed
     * @param descriptor the bytes of a {@code FlightDescriptor}, empty for none; consumed. The first of a {@code DoPut}
     *     or {@code DoExchange} has one
     * @param appMetadata the application's own, empty for none; consumed
     * @throws IllegalArgumentException where the message is an end of stream
     */
    public FlightData(@Nullable IpcMessage message, ByteBuf descriptor, ByteBuf appMetadata) {
        if (message instanceof IpcEndOfStream) {
            descriptor.release();
            appMetadata.release();
            throw new IllegalArgumentException("message: " + message + " (expected: none, the call ends the stream)");
        }
        this.message = message;
        this.descriptor = descriptor;
        this.appMetadata = appMetadata;
    }

    /** Returns the Arrow message, null where there is metadata alone; borrowed. */
    public @Nullable IpcMessage message() {
        return message;
    }

    /** Returns the bytes of the {@code FlightDescriptor}, empty where there is none; borrowed, a new view. */
    public ByteBuf descriptor() {
        return descriptor.slice();
    }

    /** Returns the application's metadata, empty where there is none; borrowed, a new view. */
    public ByteBuf appMetadata() {
        return appMetadata.slice();
    }

    /**
     * Writes the protobuf message {@code FlightData}. Its body is that of the Arrow message and is not copied; all else
     * is.
     *
     * @return the protobuf, owned; it may outlive this
     * @throws IllegalArgumentException where it would be 2 GiB or more
     */
    public ByteBuf encode(ByteBufAllocator allocator) {
        return FlightFields.write(this, allocator);
    }

    @Override
    public FlightData retain() {
        super.retain();
        return this;
    }

    @Override
    public FlightData retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FlightData touch() {
        super.touch();
        return this;
    }

    @Override
    public FlightData touch(Object hint) {
        if (message != null) {
            message.touch(hint);
        }
        descriptor.touch(hint);
        appMetadata.touch(hint);
        return this;
    }

    @Override
    protected void deallocate() {
        if (message != null) {
            message.release();
        }
        descriptor.release();
        appMetadata.release();
    }

    @Override
    public String toString() {
        return "FlightData(" + (message == null ? "no message" : message) + ")";
    }
}
