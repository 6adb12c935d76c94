package io.bowstring.flight;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * The fields of the protobuf message {@code FlightData}.
 *
 * <pre>
 *   0A    │ length: varint │ flight_descriptor, a message
 *   12    │ length: varint │ data_header: the metadata of an Arrow message
 *   1A    │ length: varint │ app_metadata
 *   C2 3E │ length: varint │ data_body: the body of the Arrow message
 * </pre>
 *
 * <p>Any of them may be left out. They may come in any order, though Arrow's own libraries write the body last, with
 * fields among them that are not known here. Of several {@code bytes} the last counts; several descriptors count as one
 * that is their bytes in a row. Borrows the protobuf; confined to the caller's thread.
 *
 * @see <a href="https://github.com/apache/arrow/blob/main/format/Flight.proto">Flight.proto</a>
 */
final class FlightFields {
    private static final int DESCRIPTOR = 1 << 3 | ProtobufReader.BYTES;
    private static final int HEADER = 2 << 3 | ProtobufReader.BYTES;
    private static final int APP_METADATA = 3 << 3 | ProtobufReader.BYTES;
    private static final int BODY = 1000 << 3 | ProtobufReader.BYTES;

    private ByteBuf descriptor = Unpooled.EMPTY_BUFFER;
    private boolean isDescriptorCopied;
    private @Nullable ByteBuf header;
    private ByteBuf appMetadata = Unpooled.EMPTY_BUFFER;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;

    private FlightFields() {}

    /**
     * Finds the fields.
     *
     * @param protobuf a whole message; borrowed, the fields are views of it
     * @throws IpcException where it is not well-formed, or the descriptor or {@code app_metadata} is longer than
     *     {@code maxMetadataBytes}
     */
    static FlightFields read(ByteBuf protobuf, IpcLimits limits) {
        FlightFields fields = new FlightFields();
        ProtobufReader in = new ProtobufReader(protobuf);
        while (in.next()) {
            switch (in.tag()) {
                case DESCRIPTOR -> fields.addDescriptor(in.bytes("flight_descriptor"), limits);
                case HEADER -> fields.header = in.bytes("data_header");
                case APP_METADATA -> fields.appMetadata = in.bytes("app_metadata");
                case BODY -> fields.body = in.bytes("data_body");
                default -> in.skip();
            }
        }
        requireBytes("app_metadata bytes", fields.appMetadata.readableBytes(), limits);
        return fields;
    }

    private void addDescriptor(ByteBuf bytes, IpcLimits limits) {
        requireBytes("flight_descriptor bytes", (long) descriptor.readableBytes() + bytes.readableBytes(), limits);
        if (!descriptor.isReadable()) {
            descriptor = bytes;
            return;
        }
        if (!isDescriptorCopied) {
            descriptor = Unpooled.copiedBuffer(descriptor); // on the heap: rare, and nobody has to release it
            isDescriptorCopied = true;
        }
        descriptor.writeBytes(bytes);
    }

    private static void requireBytes(String field, long bytes, IpcLimits limits) {
        if (bytes > limits.maxMetadataBytes()) {
            int most = limits.maxMetadataBytes();
            throw new IpcException(IpcErrorCode.TOO_LARGE, field, bytes, "<= " + most, "maxMetadataBytes");
        }
    }

    /** Returns {@code flight_descriptor}, empty where it is left out; borrowed. */
    ByteBuf descriptor() {
        return descriptor;
    }

    /** Returns {@code data_header}, null where it is left out; borrowed. */
    @Nullable
    ByteBuf header() {
        return header;
    }

    /** Returns {@code app_metadata}, empty where it is left out; borrowed. */
    ByteBuf appMetadata() {
        return appMetadata;
    }

    /** Returns {@code data_body}, empty where it is left out; borrowed. */
    ByteBuf body() {
        return body;
    }

    /**
     * Writes a protobuf; what is empty is left out.
     *
     * @param data borrowed
     * @return the protobuf, owned: a copy of all but the body, and the body itself, whose bytes are shared
     */
    static ByteBuf write(FlightData data, ByteBufAllocator allocator) {
        IpcMessage message = data.message();
        ByteBuf header = message == null ? Unpooled.EMPTY_BUFFER : message.metadata();
        ByteBuf body = message == null ? Unpooled.EMPTY_BUFFER : message.body();
        ByteBuf descriptor = data.descriptor();
        ByteBuf appMetadata = data.appMetadata();
        long bytes = fieldBytes(DESCRIPTOR, descriptor) + fieldBytes(HEADER, header);
        bytes += fieldBytes(APP_METADATA, appMetadata) + fieldBytes(BODY, body);
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "protobuf bytes: " + bytes + " (expected: <= " + Integer.MAX_VALUE + ")");
        }
        int headBytes = (int) bytes - body.readableBytes();
        ByteBuf head = allocator.directBuffer(headBytes, headBytes);
        CompositeByteBuf parts = null;
        try {
            writeField(DESCRIPTOR, descriptor, head);
            writeField(HEADER, header, head);
            writeField(APP_METADATA, appMetadata, head);
            if (!body.isReadable()) {
                return head.retain();
            }
            writePrefix(BODY, body, head);
            parts = allocator.compositeDirectBuffer(2);
            return parts.addComponent(true, head.retain()).addComponent(true, body.retain());
        } catch (Throwable e) { // the heap is exhausted, mostly
            ReferenceCountUtil.release(parts);
            throw e;
        } finally {
            head.release();
        }
    }

    private static long fieldBytes(int tag, ByteBuf value) {
        int bytes = value.readableBytes();
        return bytes == 0 ? 0 : (long) varintBytes(tag) + varintBytes(bytes) + bytes;
    }

    private static void writeField(int tag, ByteBuf value, ByteBuf out) {
        if (value.isReadable()) {
            writePrefix(tag, value, out);
            out.writeBytes(value, value.readerIndex(), value.readableBytes());
        }
    }

    private static void writePrefix(int tag, ByteBuf value, ByteBuf out) {
        writeVarint(tag, out);
        writeVarint(value.readableBytes(), out);
    }

    private static void writeVarint(int value, ByteBuf out) {
        int rest = value;
        for (; rest > 0x7F; rest >>>= 7) {
            out.writeByte(rest | 0x80);
        }
        out.writeByte(rest);
    }

    private static int varintBytes(int value) {
        return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
    }
}
