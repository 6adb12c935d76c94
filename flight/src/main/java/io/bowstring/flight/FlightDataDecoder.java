package io.bowstring.flight;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcVerification;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the protobuf messages {@code FlightData} of one Flight stream, each of them whole, as gRPC delivers them.
 *
 * <p>A message in Flight has no prefix, and its metadata does not touch its body. Its {@linkplain IpcMessage#frame() frame} is
 * therefore made of two parts, which a socket writes in one go: a new head with prefix, metadata and headroom, and the body,
 * which is a slice of the protobuf. If the body is less than half of the protobuf, it is copied after the head instead: that
 * costs less than holding on to the rest.
 *
 * <p>It checks the same as {@link io.bowstring.codec.IpcDecoder}: limits before memory is committed, the order of messages,
 * dictionary ids, and batches against their schema as {@link IpcVerification} says. A descriptor and {@code app_metadata} may
 * each be {@code maxMetadataBytes} long. The first violation is the last word on a stream: from then on every call throws it.
 * So is anything else that is thrown, an {@link OutOfMemoryError} for example, as a message is lost with it: every later call
 * throws an {@link IllegalStateException}.
 *
 * <pre>{@code
 * public void onMessage(InputStream in) { // of a ClientCall whose marshaller hands the stream on
 *     ByteBuf protobuf = allocator.directBuffer(in.available());
 *     protobuf.writeBytes(in, in.available());
 *     FlightData data = decoder.decode(protobuf, allocator);
 *     ...
 * }
 * }</pre>
 *
 * <p>Confined to one thread at a time; one decoder per stream.
 *
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Flight.proto">Flight.proto</a>
 */
public final class FlightDataDecoder {
    private final IpcLimits limits;
    private final IpcStreamReader stream;

    /** Why there is nothing more to come; null where there may be. */
    private @Nullable RuntimeException failure;

    /** Creates a decoder with {@link IpcLimits#DEFAULTS} that verifies the structure of batches. */
    public FlightDataDecoder() {
        this(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE);
    }

    /** Creates a decoder that accepts what is within {@code limits}. */
    public FlightDataDecoder(IpcLimits limits, IpcVerification verification) {
        this.limits = limits;
        this.stream =
                new IpcStreamReader(IpcDecoderConfig.DEFAULTS.withLimits(limits).withVerification(verification));
    }

    /**
     * Decodes the next message of the stream.
     *
     * @param protobuf a whole {@code FlightData}; consumed
     * @param allocator for the heads of frames
     * @return what it holds, owned; parts of it share the memory of {@code protobuf}
     * @throws IpcException where it is not what may come next, or such has come before
     * @throws IllegalStateException where a message before it was lost for another reason
     */
    public FlightData decode(ByteBuf protobuf, ByteBufAllocator allocator) {
        try {
            if (failure != null) {
                throw failure;
            }
            FlightFields fields = FlightFields.read(protobuf, limits);
            IpcMessage message = newMessage(fields, protobuf.readableBytes(), allocator);
            return new FlightData(
                    message, fields.descriptor().retain(), fields.appMetadata().retain());
        } catch (Throwable e) {
            fail(e);
            throw e;
        } finally {
            protobuf.release();
        }
    }

    private void fail(Throwable cause) {
        if (failure == null) {
            failure = cause instanceof IpcException violation
                    ? violation
                    : new IllegalStateException("the stream has failed: a message of it was lost", cause);
        }
    }

    private @Nullable IpcMessage newMessage(FlightFields fields, int protobufBytes, ByteBufAllocator allocator) {
        ByteBuf metadata = fields.header();
        ByteBuf body = fields.body();
        if (metadata == null) {
            if (body.isReadable()) {
                throw new IpcException(IpcErrorCode.MALFORMED, "data_header", "absent", "the metadata of data_body");
            }
            return null;
        }
        boolean isCopied = body.readableBytes() < protobufBytes / 2;
        return stream.next(metadata, body, isCopied, allocator);
    }
}
