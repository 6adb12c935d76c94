package io.bowstring.codec;

import static io.bowstring.codec.MetadataReader.INT64;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes a record batch whose metadata is like that of a batch that has passed all checks. The two may differ in their
 * lengths, in the text of values in {@code custom_metadata}, and in what nobody reads: a batch whose metadata has been edited has
 * parts of the metadata from before, a number of its publisher for example.
 *
 * <pre>
 *   compared with the first batch      every offset, vtable entry and count that is read; keys; compression; variadic counts
 *   checked, as in the first batch     bodyLength, length, the elements of nodes and of buffers
 *   free                               the bytes of values in custom_metadata; fields that nobody reads; what nothing leads to
 * </pre>
 *
 * <p>Every byte that led the full check from one place to the next is compared, also where a number lies over it. So the full
 * check of a batch that is alike would read its numbers at the same places, and it would come to the same conclusion. A batch
 * that is not alike, or whose numbers do not fit, is not therefore wrong: the full check says that.
 *
 * <p>Confined to one reader.
 */
final class BatchTemplate {
    private static final int STRUCT_BYTES = 2 * Long.BYTES;
    private static final BatchLayout.Node[] NO_NODES = {};
    private static final BatchLayout.Buffer[] NO_BUFFERS = {};

    private final MessageHeader header;
    private final int maxDecompressedBytes;
    private final long maxRows;

    /** Each word of 8 bytes that is compared: its position, its value, and a mask of the bits that count. */
    private final int[] positions;

    private final long[] words;
    private final long[] masks;

    /** The positions of the numbers that are checked; 0 for one that is left out. */
    private final int rowCount;

    private final int nodeElements;
    private final int bufferElements;

    /** The rules for nodes and buffers; none where only the framing is checked. */
    private final BatchLayout.Node[] nodes;

    /** Of each node: -1 for a column, which is as long as the batch, 0 for one that is nested. */
    private final long[] columns;

    private final int[] nested;

    /** Those that must not have nulls. */
    private final int[] nullFree;

    private final BatchLayout.Buffer[] buffers;

    /** Of each buffer: which of {@link #kinds} says what it has at least. All columns are as long as the first. */
    private final int[] kindIndices;

    private final BatchLayout.Buffer[] kinds;

    /** What a buffer of each kind has at least in the batch that is being checked, in bytes. */
    private final long[] minBytes;

    private BatchTemplate(
            MetadataReader in, MessageHeader header, @Nullable BatchLayout layout, int maxDecompressedBytes) {
        byte[] marks = new byte[(in.length() + 7) & -8];
        in.mark(marks);
        MessageHeader.read(in, IpcLimits.UNLIMITED);
        int table = header.table();
        int nodeVector = in.vector(table, 1, STRUCT_BYTES);
        int bufferVector = in.vector(table, 2, STRUCT_BYTES);
        int countVector = in.vector(table, 4, Long.BYTES);
        IpcBatchMetadata.compressionBits(in, table);
        for (int i = 0; i < in.count(header.entries()); i++) {
            int key = in.vector(in.tableAt(header.entries(), i), 0, 1);
            in.markRead(key + 4, in.count(key));
        }
        in.markRead(countVector + 4, Long.BYTES * in.count(countVector));
        long[] variadicCounts = new long[in.count(countVector)];
        Arrays.setAll(variadicCounts, i -> in.int64At(countVector, i));
        this.header = header;
        this.maxDecompressedBytes = maxDecompressedBytes;
        this.maxRows = layout == null ? Long.MAX_VALUE : Integer.MAX_VALUE;
        this.rowCount = in.field(table, 0, Long.BYTES);
        this.nodeElements = nodeVector + 4;
        this.bufferElements = bufferVector + 4;
        this.nodes = layout == null ? NO_NODES : layout.nodes();
        this.buffers =
                layout == null ? NO_BUFFERS : layout.buffers(header.version() == MessageHeader.V4, variadicCounts);

        this.columns = Arrays.stream(nodes)
                .mapToLong(node -> node.parent() < 0 ? -1 : 0)
                .toArray();
        this.nested = indices(i -> nodes[i].parent() >= 0);
        this.nullFree = indices(i -> nodes[i].isNullFree());
        Map<BatchLayout.Buffer, Integer> indices = new LinkedHashMap<>();
        this.kindIndices = Arrays.stream(buffers)
                .mapToInt(buffer -> indices.computeIfAbsent(kind(buffer), kind -> indices.size()))
                .toArray();
        this.kinds = indices.keySet().toArray(BatchLayout.Buffer[]::new);
        this.minBytes = new long[kinds.length];

        this.positions = IntStream.range(0, marks.length / Long.BYTES)
                .map(word -> word * Long.BYTES)
                .filter(position -> int64(marks, position) != 0)
                .toArray();
        this.masks = Arrays.stream(positions)
                .mapToLong(position -> int64(marks, position))
                .toArray();
        this.words = new long[positions.length];
        Arrays.setAll(words, i -> in.int64(positions[i]) & masks[i]);
    }

    private int[] indices(IntPredicate isWanted) {
        return IntStream.range(0, nodes.length).filter(isWanted).toArray();
    }

    private BatchLayout.Buffer kind(BatchLayout.Buffer buffer) {
        boolean isOfColumn = nodes[buffer.node()].parent() < 0;
        return new BatchLayout.Buffer(isOfColumn ? 0 : buffer.node(), buffer.rule(), buffer.valueBits());
    }

    /**
     * Makes a template.
     *
     * @param in the metadata of a batch that is whole and has passed all checks, by its metadata alone; borrowed
     * @param header of that batch
     * @param layout what such a batch must have; null where only the framing is checked
     * @return null where nodes or buffers are not what the format says, and nobody has checked that
     */
    static @Nullable BatchTemplate of(
            MetadataReader in, MessageHeader header, @Nullable BatchLayout layout, int maxDecompressedBytes) {
        try {
            return new BatchTemplate(in, header, layout, maxDecompressedBytes);
        } catch (IpcException e) {
            return null;
        } finally {
            in.mark(null);
        }
    }

    /** Returns what the headers of all batches are that are alike. */
    MessageHeader header() {
        return header;
    }

    /** Returns how long the frame is of a batch that {@link #fits}. */
    int frameBytes(MetadataReader in) {
        return IpcMessage.PREFIX_BYTES + header.metadataBytes() + header.bodyBytes(in);
    }

    /** Returns how many rows a batch has that is alike. */
    long rowCount(MetadataReader in) {
        return rowCount == 0 ? 0 : in.int64(rowCount);
    }

    /** Returns whether metadata, of the same length and borrowed, is that of a batch which would pass all checks. */
    boolean fits(MetadataReader in, int maxBodyBytes) {
        byte[] metadata = in.bytes();
        long difference = 0;
        for (int i = 0; i < positions.length; i++) {
            difference |= (int64(metadata, positions[i]) & masks[i]) ^ words[i];
        }
        if (difference != 0) {
            return false;
        }
        long rows = rowCount(in);
        long bodyBytes = header.bodyLength() == 0 ? 0 : in.int64(header.bodyLength());
        boolean isFramed = rows >= 0 && rows <= maxRows && bodyBytes >= 0 && bodyBytes <= maxBodyBytes;
        if (!isFramed) {
            return false;
        }
        long nulls = nullsIfNodesFit(metadata, rows);
        return nulls >= 0 && fitBuffers(metadata, bodyBytes, nulls == 0);
    }

    /** Returns less than 0 where a node does not fit, 0 where no node has nulls, else more. */
    private long nullsIfNodesFit(byte[] metadata, long rows) {
        long difference = 0;
        long negative = 0;
        long nulls = 0;
        for (int i = 0; i < columns.length; i++) {
            long length = length(metadata, i);
            long nullCount = int64(metadata, nodeElements + STRUCT_BYTES * i + Long.BYTES);
            nulls |= nullCount;
            difference |= (length ^ rows) & columns[i];
            negative |= length | length - nullCount;
        }
        for (int i : nested) {
            long length = length(metadata, i);
            long least = nodes[i].minLength(length(metadata, nodes[i].parent()));
            negative |= length - least | Integer.MAX_VALUE - length;
        }
        for (int i : nullFree) {
            negative |= -int64(metadata, nodeElements + STRUCT_BYTES * i + Long.BYTES);
        }
        return difference == 0 && negative >= 0 ? nulls : -1;
    }

    private boolean fitBuffers(byte[] metadata, long bodyBytes, boolean hasNoNulls) {
        for (int i = 0; i < kinds.length; i++) {
            minBytes[i] = kinds[i].minBytes(length(metadata, kinds[i].node()));
        }
        long negative = 0;
        long offsets = 0;
        long omittedBytes = 0;
        for (int i = 0; i < kindIndices.length; i++) {
            long offset = int64(metadata, bufferElements + STRUCT_BYTES * i);
            long bytes = int64(metadata, bufferElements + STRUCT_BYTES * i + Long.BYTES);
            long room = bodyBytes - bytes;
            negative |= offset | bytes | room | room - offset;
            offsets |= offset;
            long least = minBytes[kindIndices[i]];
            if (bytes < least) {
                boolean isValidity = buffers[i].isValidity();
                if (bytes != 0 || !((hasNoNulls && isValidity) || isOmissible(buffers[i], metadata))) {
                    return false;
                }
                omittedBytes += isValidity ? least : 0;
            }
        }
        return negative >= 0
                && (offsets & 7) == 0
                && omittedBytes <= IpcBatchVerifier.maxOmittedBytes(bodyBytes)
                && omittedBytes <= Math.max(maxDecompressedBytes, bodyBytes);
    }

    private boolean isOmissible(BatchLayout.Buffer buffer, byte[] metadata) {
        return buffer.isValidity()
                ? int64(metadata, nodeElements + STRUCT_BYTES * buffer.node() + Long.BYTES) == 0
                : buffer.rule() == BatchLayout.Rule.OFFSETS && length(metadata, buffer.node()) == 0;
    }

    private long length(byte[] metadata, int node) {
        return int64(metadata, nodeElements + STRUCT_BYTES * node);
    }

    private static long int64(byte[] metadata, int position) {
        return (long) INT64.get(metadata, position);
    }
}
