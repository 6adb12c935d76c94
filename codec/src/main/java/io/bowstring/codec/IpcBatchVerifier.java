package io.bowstring.codec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the metadata of batches against a schema, as {@link IpcVerification#STRUCTURE} says: a reader which trusts it stays
 * inside the body, and allocates nothing that the sender has not paid for in bytes. A decoder does so by itself; this is for
 * those who have messages from elsewhere and are to trust their metadata.
 *
 * <p>What a batch obliges a reader to allocate is what its buffers decompress to, each of them for itself, and the validity
 * that is left out, which readers make up:
 *
 * <pre>
 *   a decompressed buffer               no longer than its frame can hold
 *   validity left out                   64 bytes for each byte of the body, or of what that decompresses to, and 1 MiB
 *   both together                       {@code maxDecompressedBytes}; without compression as long as the body in any case
 * </pre>
 *
 * <p>Loops, no recursion; the cost is that of the nodes and buffers that the schema implies. What is refused is put into
 * words by methods of their own: loops without them are small enough for the JIT to inline. Confined to one thread.
 */
public final class IpcBatchVerifier {
    /** A dictionary: the first field that is encoded with it, and what its batches must look like. */
    private record Dictionary(IpcField field, BatchLayout layout) {}

    // │ length when decompressed: i64, -1 = not compressed │ bytes │
    private static final int COMPRESSION_PREFIX_BYTES = 8;
    private static final int NOT_COMPRESSED = -1;
    private static final String LIMIT = "maxDecompressedBytes";

    /**
     * Where validity is left out a reader makes it up, a bit a value. So many levels of nesting may do that over the same
     * values; more, or millions of values that take no bytes at all, would be memory for nothing.
     */
    private static final int OMITTED_VALIDITY_FACTOR = 64;

    private static final int OMITTED_VALIDITY_BYTES = 1 << 20;

    private final int maxDecompressedBytes;
    private final BatchLayout recordBatch;
    private final Map<Long, Dictionary> dictionaries = new HashMap<>();

    // Of the batch that is being checked.
    private long[] lengths = new long[16];
    private long[] nullCounts = new long[16];
    private boolean isCompressed;
    private long maxExpansion;
    private long decompressedBytes;
    private long omittedBytes;

    /**
     * Compiles what batches must look like.
     *
     * @param fields those of the schema
     * @param limits of which {@code maxDecompressedBytes} counts
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be, or fields share a dictionary
     *     but not the type of its values
     */
    public IpcBatchVerifier(List<IpcField> fields, IpcLimits limits) {
        this.recordBatch = BatchLayout.ofFields(fields);
        this.maxDecompressedBytes = limits.maxDecompressedBytes();
        for (IpcField field : IpcField.withNested(fields)) {
            if (field.dictionary() != null) {
                addDictionary(field.dictionary().id(), field);
            }
        }
    }

    private void addDictionary(long id, IpcField field) {
        Dictionary present = dictionaries.get(id);
        if (present == null) {
            dictionaries.put(id, new Dictionary(field, BatchLayout.ofDictionary(field)));
        } else if (!shape(present.field()).equals(shape(field))) {
            IpcType expected = present.field().type();
            throw IpcException.malformed("values of dictionary " + id, field.type(), expected + " in all fields");
        }
    }

    /** Returns what the values of a dictionary are all the way down, whatever the fields' names: for comparison. */
    private static List<List<Object>> shape(IpcField field) {
        IpcField values = new IpcField("", true, field.type(), null, field.children());
        return IpcField.withNested(List.of(values)).stream()
                .map(part ->
                        List.<Object>of(part.type(), part.children().size(), Optional.ofNullable(part.dictionary())))
                .toList();
    }

    /**
     * Checks a record batch.
     *
     * @param batch borrowed
     * @throws IpcException where it does not fit the schema
     */
    public void verify(IpcRecordBatch batch) {
        verifyRecordBatch(batch.bytes(), batch.bytes().reader());
    }

    /**
     * Checks a dictionary batch.
     *
     * @param batch borrowed
     * @throws IpcException where it does not fit the schema
     */
    public void verify(IpcDictionaryBatch batch) {
        verifyDictionaryBatch(batch.id(), batch.bytes(), batch.bytes().reader());
    }

    /**
     * Checks a record batch.
     *
     * @param frame borrowed, and so is its {@code metadata}
     * @return whether it is good by its metadata alone: else the lengths inside the body count too
     * @throws IpcException where it does not fit its schema
     */
    boolean verifyRecordBatch(Frame frame, MetadataReader metadata) {
        verify(recordBatch, new IpcBatchMetadata(frame, metadata, frame.header().table()));
        return !isCompressed;
    }

    /** Returns what record batches must have. */
    BatchLayout recordBatchLayout() {
        return recordBatch;
    }

    /**
     * Checks the batch inside a dictionary batch.
     *
     * @param frame borrowed, and so is its {@code metadata}
     * @throws IpcException where it does not fit its schema
     */
    void verifyDictionaryBatch(long id, Frame frame, MetadataReader metadata) {
        Dictionary dictionary = dictionaries.get(id);
        if (dictionary == null) {
            throw IpcException.malformed("dictionary id", id, "an id in the schema");
        }
        int table = metadata.table(frame.header().table(), 1);
        verify(dictionary.layout(), new IpcBatchMetadata(frame, metadata, table));
    }

    /** Checks a batch, borrowed. */
    private void verify(BatchLayout layout, IpcBatchMetadata batch) {
        IpcCompression compression = batch.compression();
        isCompressed = compression != null;
        maxExpansion = compression == null ? 1 : compression.maxExpansion();
        decompressedBytes = 0;
        omittedBytes = 0;
        verifyNodes(layout, batch);
        verifyBuffers(layout, batch);
        requireTotals(batch.bodyBytes());
    }

    private void verifyNodes(BatchLayout layout, IpcBatchMetadata batch) {
        long rows = batch.rowCount();
        if (rows < 0 || rows > Integer.MAX_VALUE) {
            throw IpcException.malformed("length of a batch", rows, "0.." + Integer.MAX_VALUE);
        }
        BatchLayout.Node[] nodes = layout.nodes();
        requireCount("field nodes", batch.nodeCount(), nodes.length);
        if (lengths.length < nodes.length) {
            lengths = new long[nodes.length];
            nullCounts = new long[nodes.length];
        }
        for (int node = 0; node < nodes.length; node++) {
            BatchLayout.Node expected = nodes[node];
            long length = batch.length(node);
            long nullCount = batch.nullCount(node);
            if (expected.parent() < 0 ? length != rows : !isLongEnough(expected, length)) {
                throw wrongLength(expected, node, length, rows);
            }
            long maxNullCount = expected.isNullFree() ? 0 : length;
            if (nullCount < 0 || nullCount > maxNullCount) {
                throw wrongNullCount(node, nullCount, maxNullCount);
            }
            lengths[node] = length;
            nullCounts[node] = nullCount;
        }
    }

    private boolean isLongEnough(BatchLayout.Node nested, long length) {
        return length >= minLength(nested) && length <= Integer.MAX_VALUE;
    }

    private long minLength(BatchLayout.Node nested) {
        return nested.minLength(lengths[nested.parent()]);
    }

    private void verifyBuffers(BatchLayout layout, IpcBatchMetadata batch) {
        int count = batch.bufferCount();
        int variadicFields = 0;
        int buffer = 0;
        for (BatchLayout.Buffer expected : layout.buffers()) {
            if (expected.rule() == BatchLayout.Rule.VARIADIC) {
                int end = buffer + variadicCount(batch, variadicFields++, count - buffer);
                while (buffer < end) {
                    verifyRange(batch, buffer++);
                }
            } else if (expected.rule() != BatchLayout.Rule.VALIDITY_V4 || batch.hasValidityOfUnions()) {
                if (buffer == count) {
                    throw IpcException.malformed("buffers", count, "more, as the schema implies");
                }
                long bytes = verifyRange(batch, buffer);
                long minBytes = expected.minBytes(lengths[expected.node()]);
                if (bytes < minBytes) {
                    requireOmissible(expected, buffer, bytes, minBytes);
                }
                buffer++;
            }
        }
        requireCount("variadicBufferCounts", batch.variadicFieldCount(), variadicFields);
        requireCount("buffers", count, buffer);
    }

    /** Checks that a buffer lies in the body; returns its length in bytes, decompressed. */
    private long verifyRange(IpcBatchMetadata batch, int buffer) {
        long bytes = batch.checkedBytes(buffer);
        if (isCompressed && bytes > 0) {
            bytes = decompressedBytes(batch, buffer, bytes);
            decompressedBytes += bytes;
        }
        return bytes;
    }

    /** A buffer is shorter than its values: it may be validity of which there is no need, or offsets of nothing. */
    private void requireOmissible(BatchLayout.Buffer expected, int buffer, long bytes, long minBytes) {
        if (bytes == 0 && expected.isValidity() && nullCounts[expected.node()] == 0) {
            omittedBytes += minBytes;
        } else if (bytes != 0 || expected.rule() != BatchLayout.Rule.OFFSETS || lengths[expected.node()] != 0) {
            throw IpcException.malformed("bytes of buffer " + buffer, bytes, ">= " + minBytes);
        }
    }

    private static int variadicCount(IpcBatchMetadata batch, int field, int buffersLeft) {
        if (field >= batch.variadicFieldCount()) {
            throw IpcException.malformed("variadicBufferCounts", batch.variadicFieldCount(), "> " + field);
        }
        long count = batch.variadicCount(field);
        if (count < 0 || count > buffersLeft) {
            throw IpcException.malformed("variadicBufferCounts", count, "0.." + buffersLeft);
        }
        return (int) count;
    }

    private long decompressedBytes(IpcBatchMetadata batch, int buffer, long bytes) {
        if (bytes < COMPRESSION_PREFIX_BYTES) {
            throw IpcException.malformed("bytes of compressed buffer " + buffer, bytes, ">= 8");
        }
        long declared = batch.int64AtBuffer(buffer);
        if (declared < NOT_COMPRESSED) {
            throw IpcException.malformed("decompressed length of buffer " + buffer, declared, ">= -1");
        }
        IpcException.requireAtMost("decompressed bytes", declared, maxDecompressedBytes, LIMIT);
        long frameBytes = bytes - COMPRESSION_PREFIX_BYTES;
        if (declared > maxExpansion * frameBytes) {
            String rule = "<= " + maxExpansion + " for each of " + frameBytes;
            throw IpcException.malformed("decompressed bytes of buffer " + buffer, declared, rule);
        }
        return declared == NOT_COMPRESSED ? frameBytes : declared;
    }

    /** Checks what all buffers together oblige a reader to: bytes that fields share were sent once, and pay once. */
    private void requireTotals(int bodyBytes) {
        IpcException.requireAtMost("decompressed bytes", decompressedBytes, maxDecompressedBytes, LIMIT);
        long paidBytes = isCompressed ? decompressedBytes : bodyBytes;
        long allowedOmitted = maxOmittedBytes(paidBytes);
        if (omittedBytes > allowedOmitted) {
            throw IpcException.malformed("bytes of validity left out", omittedBytes, "<= " + allowedOmitted);
        }
        long allowed = isCompressed ? maxDecompressedBytes : Math.max(maxDecompressedBytes, bodyBytes);
        String what = isCompressed ? "decompressed bytes and validity left out" : "validity left out";
        IpcException.requireAtMost(what, decompressedBytes + omittedBytes, allowed, LIMIT);
    }

    /** Returns how much validity may be left out of a batch that is so long, decompressed. */
    static long maxOmittedBytes(long paidBytes) {
        return OMITTED_VALIDITY_FACTOR * paidBytes + OMITTED_VALIDITY_BYTES;
    }

    /** Checks how many of something a batch has. */
    static void requireCount(String what, long count, long expected) {
        if (count != expected) {
            throw IpcException.malformed(what, count, expected + ", as the schema implies");
        }
    }

    private IpcException wrongLength(BatchLayout.Node expected, int node, long length, long rows) {
        String rule = String.valueOf(rows);
        if (expected.parent() >= 0) {
            boolean isShort = length >= 0 && length < minLength(expected);
            rule = isShort ? ">= " + minLength(expected) : "0.." + Integer.MAX_VALUE;
        }
        return IpcException.malformed("length of field node " + node, length, rule);
    }

    private static IpcException wrongNullCount(int node, long nullCount, long maxNullCount) {
        return IpcException.malformed("nullCount of field node " + node, nullCount, "0.." + maxNullCount);
    }
}
