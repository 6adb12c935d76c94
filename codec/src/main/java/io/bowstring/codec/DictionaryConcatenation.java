package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
final class DictionaryConcatenation {
    /** What a buffer takes at most beside its bytes. */
    private static final int PADDED_BUFFER_BYTES = 64;

    private final BatchLayout layout;
    private final List<DictionaryValues> parts;
    private final long length;
    private final long nullCount;

    /** Where in the bytes' buffer those of each part begin, and at the end how many they all are; where there are offsets. */
    private final long[] dataStarts;

    DictionaryConcatenation(List<IpcDictionaryBatch> batches, IpcField field) {
        this.layout = BatchLayout.ofDictionary(field);
        this.parts = batches.stream().map(DictionaryValues::new).toList();
        this.length = parts.stream().mapToLong(DictionaryValues::length).sum();
        this.nullCount = parts.stream().mapToLong(DictionaryValues::nullCount).sum();
        this.dataStarts = new long[parts.size() + 1];
    }

    /** Returns whether the values are of such a type, and none compressed. */
    boolean isPossible() {
        if (layout.nodeCount() != 1 || parts.stream().anyMatch(DictionaryValues::isCompressed)) {
            return false;
        }
        for (int i = 0; i < layout.bufferCount(); i++) {
            byte rule = layout.rule(i);
            if (rule == BatchLayout.VARIADIC || rule == BatchLayout.VALIDITY_V4) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns one batch, owned.
     *
     * @throws IpcException {@code MALFORMED} where a batch does not fit its schema, or offsets are outside of their bytes;
     *     {@code TOO_LARGE} where the values do not fit one batch
     */
    IpcDictionaryBatch newBatch(long id, boolean isDelta, ByteBufAllocator allocator) {
        BatchVerifier verifier = new BatchVerifier(IpcLimits.UNLIMITED);
        parts.forEach(part -> part.verify(layout, verifier));
        long[] bytes =
                IntStream.range(0, layout.bufferCount()).mapToLong(this::bytes).toArray();
        long bodyBytes = Arrays.stream(bytes).map(each -> (each + 7) & -8).sum();
        if (length > Integer.MAX_VALUE) {
            throw IpcException.tooLarge("dictionary values", length, Integer.MAX_VALUE);
        }
        long maxBytes = Math.min(IpcLimits.BODY_BYTES_CEILING, maxBodyBytes());
        if (bodyBytes > maxBytes) {
            throw IpcException.tooLarge("dictionary bytes", bodyBytes, maxBytes);
        }
        try (IpcBatchBuilder batch = new IpcBatchBuilder(null, IpcBatchBuilder.SHARED_FROM_BYTES, allocator)) {
            batch.addNode(length, nullCount);
            for (int i = 0; i < layout.bufferCount(); i++) {
                batch.addBuffer(newBuffer(i, (int) bytes[i], allocator));
            }
            return batch.dictionaryBatch(id, isDelta, length);
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
     * What a publisher has sent, and as much again for validity that it has left out: many values that have no bytes are no
     * reason to make so many bits.
     */
    private long maxBodyBytes() {
        long sentBytes = parts.stream().mapToLong(DictionaryValues::bodyBytes).sum();
        return 2 * sentBytes + (long) PADDED_BUFFER_BYTES * layout.bufferCount();
    }

    private long bytes(int buffer) {
        return switch (layout.rule(buffer)) {
            case BatchLayout.VALIDITY -> nullCount == 0 ? 0 : (length + 7) >>> 3;
            case BatchLayout.FIXED -> (length * layout.valueBits(buffer) + 7) >>> 3;
            case BatchLayout.OFFSETS -> {
                measureData(buffer);
                yield ((length + 1) * layout.valueBits(buffer)) >>> 3;
            }
            default -> dataStarts[parts.size()];
        };
    }

    private void measureData(int offsets) {
        for (int i = 0; i < parts.size(); i++) {
            DictionaryValues part = parts.get(i);
            ByteBuffer values = part.bytes(offsets);
            long first = offset(values, offsets, 0);
            long last = offset(values, offsets, (int) part.length());
            int dataBytes = part.bytes(offsets + 1).remaining();
            if (first < 0 || last < first || last > dataBytes) {
                throw IpcException.malformed("offsets of dictionary values", first + ".." + last, "in 0.." + dataBytes);
            }
            dataStarts[i + 1] = dataStarts[i] + last - first;
        }
    }

    /** Returns an offset; 0 of a part without values, which need not have any. */
    private long offset(ByteBuffer offsets, int buffer, int index) {
        if (!offsets.hasRemaining()) {
            return 0;
        }
        return isLong(buffer) ? offsets.getLong(Long.BYTES * index) : offsets.getInt(Integer.BYTES * index);
    }

    private boolean isLong(int offsets) {
        return layout.valueBits(offsets) == Long.SIZE;
    }

    private void write(int buffer, ByteBuffer out) {
        switch (layout.rule(buffer)) {
            case BatchLayout.VALIDITY -> writeValidity(buffer, out);
            case BatchLayout.FIXED -> writeValues(buffer, out);
            case BatchLayout.OFFSETS -> writeOffsets(buffer, out);
            default -> writeData(buffer, out);
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
        int valueBits = layout.valueBits(buffer);
        BitAppender bits = new BitAppender(out);
        for (DictionaryValues part : parts) {
            if (valueBits == 1) {
                bits.append(part.bytes(buffer), (int) part.length());
            } else {
                out.put(part.bytes(buffer).limit((int) ((part.length() * valueBits) >>> 3)));
            }
        }
        bits.finish();
    }

    private void writeOffsets(int buffer, ByteBuffer out) {
        boolean isLong = isLong(buffer);
        out.put(new byte[isLong ? Long.BYTES : Integer.BYTES]); // the first is 0
        for (int i = 0; i < parts.size(); i++) {
            ByteBuffer offsets = parts.get(i).bytes(buffer);
            int count = (int) parts.get(i).length();
            long shift = dataStarts[i] - offset(offsets, buffer, 0);
            if (isLong) {
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
            int first = (int) offset(parts.get(i).bytes(buffer - 1), buffer - 1, 0);
            int bytes = (int) (dataStarts[i + 1] - dataStarts[i]);
            out.put(parts.get(i).bytes(buffer).limit(first + bytes).position(first));
        }
    }
}
