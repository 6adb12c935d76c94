package io.bowstring.protocol;

import io.bowstring.codec.IpcBatchBuilder;
import io.bowstring.codec.IpcBatchVerifier;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcTypeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the values of dictionary batches one after the other, for types whose buffers are validity, values of a fixed
 * width, or offsets and bytes.
 *
 * <pre>
 *   validity   bits after bits; ones where no value of a batch is null, nothing where none is at all
 *   values     bytes after bytes, or bits after bits
 *   offsets    each batch's from where the bytes of the one before end
 *   bytes      of each batch what its offsets span
 * </pre>
 *
 * <p>Confined to the caller's thread; borrows the batches.
 */
public final class DictionaryConcatenation {
    /** The content of a buffer. */
    private enum Content {
        VALIDITY,
        VALUES,
        OFFSETS,
        BYTES
    }

    /** The most bytes that a buffer takes beside its own. */
    private static final int PADDED_BUFFER_BYTES = 64;

    private final IpcField field;
    private final List<Content> buffers;
    private final List<DictionaryBuffers> parts;
    private final long length;
    private final long nullCount;

    /** For types with offsets: the index of each part's first byte in the bytes' buffer, and last the number of all bytes. */
    private final long[] dataStarts;

    private DictionaryConcatenation(List<IpcDictionaryBatch> batches, IpcField field, List<Content> buffers) {
        this.field = field;
        this.buffers = buffers;
        this.parts = batches.stream().map(DictionaryBuffers::new).toList();
        this.length = parts.stream().mapToLong(DictionaryBuffers::length).sum();
        this.nullCount = parts.stream().mapToLong(DictionaryBuffers::nullCount).sum();
        this.dataStarts = new long[parts.size() + 1];
    }

    /**
     * Puts the values of several batches of one dictionary into one batch, with the id of the first, and as a delta where
     * that is one, without metadata entries. Only for types whose values have a fixed width or are strings of bytes, and
     * not where they are compressed. Copies each byte once, those of short buffers twice.
     *
     * @param batches at least one, in order, all with one id; borrowed
     * @param field one that is encoded with the dictionary, by whichever id
     * @return the batch, owned; null where the values are of another type or compressed
     * @throws IpcException {@code MALFORMED} where a batch does not fit the field, or its offsets, at which no verification
     *     looks, are not inside their bytes; {@code TOO_LARGE} where the values do not fit one batch
     */
    public static @Nullable IpcDictionaryBatch of(
            List<IpcDictionaryBatch> batches, IpcField field, ByteBufAllocator allocator) {
        List<Content> buffers = buffers(field);
        if (buffers == null) {
            return null;
        }
        DictionaryConcatenation all = new DictionaryConcatenation(batches, field, buffers);
        if (all.parts.stream().anyMatch(DictionaryBuffers::isCompressed)) {
            return null;
        }
        IpcBatchVerifier verifier = verifier(field, batches.get(0).id());
        batches.forEach(verifier::verify);
        return all.newBatch(batches.get(0), allocator);
    }

    /** Returns what the buffers of a field's values are, where that is the same in all batches; else null. */
    private static @Nullable List<Content> buffers(IpcField field) {
        return switch (field.type().id()) {
            case NULL -> List.of();
            case INT, FLOATING_POINT, BOOL, DECIMAL, DATE, TIME, TIMESTAMP, INTERVAL, FIXED_SIZE_BINARY, DURATION ->
                List.of(Content.VALIDITY, Content.VALUES);
            case BINARY, UTF8, LARGE_BINARY, LARGE_UTF8 -> List.of(Content.VALIDITY, Content.OFFSETS, Content.BYTES);
            case STRUCT -> field.children().isEmpty() ? List.of(Content.VALIDITY) : null;
            default -> null;
        };
    }

    private static IpcBatchVerifier verifier(IpcField field, long id) {
        IpcDictionaryEncoding encoding = Objects.requireNonNull(field.dictionary());
        IpcField encoded = new IpcField(
                field.name(),
                field.isNullable(),
                field.type(),
                new IpcDictionaryEncoding(id, encoding.indexType(), encoding.isOrdered()),
                field.children());
        return new IpcBatchVerifier(List.of(encoded), IpcLimits.UNLIMITED);
    }

    private IpcDictionaryBatch newBatch(IpcDictionaryBatch first, ByteBufAllocator allocator) {
        long[] bytes = IntStream.range(0, buffers.size()).mapToLong(this::bytes).toArray();
        long bodyBytes = Arrays.stream(bytes).map(each -> (each + 7) & -8).sum();
        requireAtMost("dictionary values", length, Integer.MAX_VALUE);
        requireAtMost("dictionary bytes", bodyBytes, Math.min(IpcLimits.BODY_BYTES_CEILING, maxBodyBytes()));
        try (IpcBatchBuilder batch = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, allocator)) {
            batch.addNode(length, nullCount);
            for (int i = 0; i < buffers.size(); i++) {
                batch.addBuffer(newBuffer(i, (int) bytes[i], allocator));
            }
            return batch.dictionaryBatch(first.id(), first.isDelta(), length);
        }
    }

    private static void requireAtMost(String what, long value, long most) {
        if (value > most) {
            throw new IpcException(IpcErrorCode.TOO_LARGE, what, value, "<= " + most);
        }
    }

    private ByteBuf newBuffer(int buffer, int bytes, ByteBufAllocator allocator) {
        ByteBuf out = allocator.directBuffer(bytes, bytes);
        try {
            write(buffer, out.nioBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN));
            return out.writerIndex(bytes);
        } catch (Throwable e) {
            out.release();
            throw e;
        }
    }

    /**
     * Returns how many bytes a publisher has sent, and as many again for validity that it has left out: many values that have
     * no bytes are no reason to make so many bits.
     */
    private long maxBodyBytes() {
        long sentBytes = parts.stream().mapToLong(DictionaryBuffers::bodyBytes).sum();
        return 2 * sentBytes + (long) PADDED_BUFFER_BYTES * buffers.size();
    }

    private long bytes(int buffer) {
        return switch (buffers.get(buffer)) {
            case VALIDITY -> nullCount == 0 ? 0 : (length + 7) >>> 3;
            case VALUES -> (length * field.valueBits() + 7) >>> 3;
            case OFFSETS -> {
                measureData(buffer);
                yield (length + 1) * offsetBytes();
            }
            case BYTES -> dataStarts[parts.size()];
        };
    }

    private void measureData(int offsets) {
        for (int i = 0; i < parts.size(); i++) {
            DictionaryBuffers part = parts.get(i);
            ByteBuffer values = part.bytes(offsets);
            long first = offset(values, 0);
            long last = offset(values, (int) part.length());
            int dataBytes = part.bytes(offsets + 1).remaining();
            if (first < 0 || last < first || last > dataBytes) {
                throw new IpcException(
                        IpcErrorCode.MALFORMED,
                        "offsets of dictionary values",
                        first + ".." + last,
                        "in 0.." + dataBytes);
            }
            dataStarts[i + 1] = dataStarts[i] + last - first;
        }
    }

    /** Returns an offset; 0 of a part without values, which need not have any. */
    private long offset(ByteBuffer offsets, int index) {
        if (!offsets.hasRemaining()) {
            return 0;
        }
        return offsetBytes() == Long.BYTES
                ? offsets.getLong(Long.BYTES * index)
                : offsets.getInt(Integer.BYTES * index);
    }

    private int offsetBytes() {
        IpcTypeId type = field.type().id();
        return type == IpcTypeId.LARGE_UTF8 || type == IpcTypeId.LARGE_BINARY ? Long.BYTES : Integer.BYTES;
    }

    private void write(int buffer, ByteBuffer out) {
        switch (buffers.get(buffer)) {
            case VALIDITY -> writeValidity(buffer, out);
            case VALUES -> writeValues(buffer, out);
            case OFFSETS -> writeOffsets(buffer, out);
            case BYTES -> writeData(buffer, out);
        }
    }

    private void writeValidity(int buffer, ByteBuffer out) {
        if (out.hasRemaining()) {
            BitAppender bits = new BitAppender(out);
            parts.forEach(part -> bits.append(part.nullCount() == 0 ? null : part.bytes(buffer), (int) part.length()));
            bits.finish();
        }
    }

    private void writeValues(int buffer, ByteBuffer out) {
        int valueBits = field.valueBits();
        BitAppender bits = new BitAppender(out);
        for (DictionaryBuffers part : parts) {
            if (valueBits == 1) {
                bits.append(part.bytes(buffer), (int) part.length());
            } else {
                out.put(part.bytes(buffer).limit((int) ((part.length() * valueBits) >>> 3)));
            }
        }
        bits.finish();
    }

    private void writeOffsets(int buffer, ByteBuffer out) {
        out.put(new byte[offsetBytes()]); // the first is 0
        for (int i = 0; i < parts.size(); i++) {
            ByteBuffer offsets = parts.get(i).bytes(buffer);
            int count = (int) parts.get(i).length();
            long shift = dataStarts[i] - offset(offsets, 0);
            if (offsetBytes() == Long.BYTES) {
                writeLongs(offsets, count, shift, out);
            } else {
                writeInts(offsets, count, (int) shift, out);
            }
        }
    }

    private static void writeLongs(ByteBuffer offsets, int count, long shift, ByteBuffer out) {
        for (int i = 1; i <= count; i++) {
            out.putLong(offsets.getLong(Long.BYTES * i) + shift);
        }
    }

    private static void writeInts(ByteBuffer offsets, int count, int shift, ByteBuffer out) {
        for (int i = 1; i <= count; i++) {
            out.putInt(offsets.getInt(Integer.BYTES * i) + shift);
        }
    }

    private void writeData(int buffer, ByteBuffer out) {
        for (int i = 0; i < parts.size(); i++) {
            int first = (int) offset(parts.get(i).bytes(buffer - 1), 0);
            int bytes = (int) (dataStarts[i + 1] - dataStarts[i]);
            out.put(parts.get(i).bytes(buffer).limit(first + bytes).position(first));
        }
    }
}
