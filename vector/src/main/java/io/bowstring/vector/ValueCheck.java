package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Checks the values of one field that say where other values are, so that a reader of the vector stays inside of it: offsets,
 * views, type ids, run ends and indices. The lengths of the buffers have been verified. Immutable.
 *
 * <p>Reads by address: a check of bounds for each value would cost more than what is checked here.
 */
final class ValueCheck {
    private static final int VIEW_BYTES = 16;
    private static final int MAX_INLINE_BYTES = 12;
    private static final int NO_CHILD = -1;

    private final IpcField field;
    private final boolean isEncoded;
    private final boolean isReading;

    /** How far after the node of the field that of each child is. */
    private final int[] childNodes;

    /** The child that each type id of a union stands for. */
    private final int[] childOfTypeId;

    /** Checks the indices of a field that has a dictionary, or else its values. */
    ValueCheck(IpcField field, boolean isEncoded) {
        this.field = field;
        this.isEncoded = isEncoded;
        this.isReading = isEncoded || refersToOthers(field.type().id());
        this.childNodes = new int[field.children().size()];
        this.childOfTypeId =
                isEncoded || field.type().id() != IpcTypeId.UNION ? new int[0] : childOfTypeId(field.type());
        int node = 1;
        for (int i = 0; i < childNodes.length; i++) {
            childNodes[i] = node;
            node += nodes(field.children().get(i));
        }
    }

    private static boolean refersToOthers(IpcTypeId type) {
        return switch (type) {
            case BINARY, UTF8, LARGE_BINARY, LARGE_UTF8, BINARY_VIEW, UTF8_VIEW -> true;
            case LIST, MAP, LARGE_LIST, LIST_VIEW, LARGE_LIST_VIEW, UNION -> true;
            default -> false;
        };
    }

    private static int[] childOfTypeId(IpcType union) {
        int[] children = new int[Byte.MAX_VALUE + 1];
        Arrays.fill(children, NO_CHILD);
        List<Integer> parameters = union.parameters();
        for (int i = 1; i < parameters.size(); i++) {
            children[parameters.get(i)] = i - 1;
        }
        return children;
    }

    /** Returns how many nodes a field has in a batch. */
    private static int nodes(IpcField field) {
        boolean isEncoded = field.dictionary() != null;
        return 1
                + (isEncoded
                        ? 0
                        : field.children().stream().mapToInt(ValueCheck::nodes).sum());
    }

    /**
     * Checks what has been loaded of the field itself.
     *
     * @param in holds the field's buffers; borrowed
     * @param node the field's
     * @throws IpcException {@code MALFORMED} where a value leads astray, or one body has too many of them
     */
    void check(BatchCursor in, int node, DictionarySizes dictionaries) {
        long length = in.length(node);
        List<ArrowBuf> own = in.own();
        in.countChecks(isReading ? length : 0);
        if (isEncoded) {
            checkIndices(own, length, in.nullCount(node), dictionaries);
            return;
        }
        switch (field.type().id()) {
            case BINARY, UTF8 ->
                checkOffsets32(address(own, 1), length, own.get(2).capacity());
            case LARGE_BINARY, LARGE_UTF8 ->
                checkOffsets64(address(own, 1), length, own.get(2).capacity());
            case LIST, MAP -> checkOffsets32(address(own, 1), length, in.length(node + 1));
            case LARGE_LIST -> checkOffsets64(address(own, 1), length, in.length(node + 1));
            case LIST_VIEW -> checkRanges32(address(own, 1), address(own, 2), length, in.length(node + 1));
            case LARGE_LIST_VIEW -> checkRanges64(address(own, 1), address(own, 2), length, in.length(node + 1));
            case BINARY_VIEW, UTF8_VIEW -> checkViews(own, length, in.nullCount(node));
            case UNION -> checkTypeIds(own, length, childLengths(in, node));
            default -> {}
        }
    }

    private static long address(List<ArrowBuf> own, int buffer) {
        return own.get(buffer).memoryAddress();
    }

    private void checkOffsets32(long address, long count, long end) {
        int last = MemoryUtil.getInt(address);
        int signs = last;
        for (long i = 1; i <= count; i++) {
            int next = MemoryUtil.getInt(address + 4 * i);
            signs |= next | (next - last);
            last = next;
        }
        if (signs < 0 || last > end) {
            throw wrongOffset(last, end);
        }
    }

    private void checkOffsets64(long address, long count, long end) {
        long last = MemoryUtil.getLong(address);
        long signs = last;
        for (long i = 1; i <= count; i++) {
            long next = MemoryUtil.getLong(address + 8 * i);
            signs |= next | (next - last);
            last = next;
        }
        if (signs < 0 || last > end) {
            throw wrongOffset(last, end);
        }
    }

    private IpcException wrongOffset(long last, long end) {
        return malformed("offsets", "the last one " + last, "ascending from 0 or more to " + end + " or less");
    }

    private void checkRanges32(long offsets, long sizes, long count, long end) {
        for (long i = 0; i < count; i++) {
            requireRange(MemoryUtil.getInt(offsets + 4 * i), MemoryUtil.getInt(sizes + 4 * i), end);
        }
    }

    private void checkRanges64(long offsets, long sizes, long count, long end) {
        for (long i = 0; i < count; i++) {
            requireRange(MemoryUtil.getLong(offsets + 8 * i), MemoryUtil.getLong(sizes + 8 * i), end);
        }
    }

    private void requireRange(long offset, long size, long end) {
        if ((offset | size) < 0 || offset > end - size) {
            throw malformed("list", "offset " + offset + ", size " + size, "inside " + end + " values");
        }
    }

    private void checkViews(List<ArrowBuf> own, long count, long nullCount) {
        long validity = address(own, 0);
        long views = address(own, 1);
        for (long i = 0; i < count; i++) {
            long view = views + VIEW_BYTES * i;
            int bytes = MemoryUtil.getInt(view);
            if ((bytes < 0 || bytes > MAX_INLINE_BYTES) && (nullCount == 0 || isValid(validity, i))) {
                requireView(own, bytes, MemoryUtil.getInt(view + 8), MemoryUtil.getInt(view + 12));
            }
        }
    }

    private void requireView(List<ArrowBuf> own, int bytes, int buffer, int offset) {
        boolean isThere = (bytes | buffer | offset) >= 0 && buffer < own.size() - 2;
        if (!isThere || offset > own.get(buffer + 2).capacity() - bytes) {
            String value = bytes + " bytes at " + offset + " of buffer " + buffer;
            throw malformed("view", value, "inside the data buffers, of which there are " + (own.size() - 2));
        }
    }

    private long[] childLengths(BatchCursor in, int node) {
        return Arrays.stream(childNodes)
                .mapToLong(child -> in.length(node + child))
                .toArray();
    }

    private void checkTypeIds(List<ArrowBuf> own, long count, long[] childLengths) {
        boolean isDense = own.size() == 2;
        long typeIds = address(own, 0);
        for (long i = 0; i < count; i++) {
            int typeId = MemoryUtil.getByte(typeIds + i);
            int child = typeId < 0 ? NO_CHILD : childOfTypeId[typeId];
            if (child == NO_CHILD) {
                throw malformed("type id", typeId, "one of the type's");
            }
            if (isDense) {
                int offset = MemoryUtil.getInt(address(own, 1) + 4 * i);
                if (offset < 0 || offset >= childLengths[child]) {
                    throw malformed("offset", offset, "0 or more, less than " + childLengths[child]);
                }
            }
        }
    }

    /**
     * Checks the run ends of a field that is run-end encoded.
     *
     * @param address of the first of them
     * @param count how many there are
     * @param length how many values the field has
     */
    void checkRunEnds(long address, long count, long length) {
        int bytes = bytes(field.children().get(0).type());
        long last = 0;
        for (long i = 0; i < count; i++) {
            long next = signed(address + bytes * i, bytes);
            if (next <= last) {
                throw malformed("run end", next, "> " + last);
            }
            last = next;
        }
        if (last < length) {
            throw malformed("last run end", last, ">= " + length);
        }
    }

    private void checkIndices(List<ArrowBuf> own, long count, long nullCount, DictionarySizes dictionaries) {
        IpcDictionaryEncoding encoding = Objects.requireNonNull(field.dictionary());
        int bytes = bytes(encoding.indexType());
        boolean isSigned = encoding.indexType().parameters().get(1) != 0;
        long validity = address(own, 0);
        long indices = address(own, 1);
        long size = dictionaries.size(encoding.id());
        long max = -1;
        for (long i = 0; i < count; i++) {
            if (nullCount == 0 || isValid(validity, i)) {
                long index = signed(indices + bytes * i, bytes);
                index = isSigned || bytes == Long.BYTES ? index : index & ((1L << (8 * bytes)) - 1);
                if (index < 0 || index >= size) {
                    throw malformed(
                            "index",
                            index,
                            "0 or more, less than " + size + ", the size of dictionary " + encoding.id());
                }
                max = Math.max(max, index);
            }
        }
        dictionaries.need(encoding.id(), max + 1);
    }

    private static boolean isValid(long validity, long i) {
        return (MemoryUtil.getByte(validity + (i >>> 3)) >> (i & 7) & 1) != 0;
    }

    private static int bytes(IpcType integer) {
        return integer.parameters().get(0) / Byte.SIZE;
    }

    private static long signed(long address, int bytes) {
        return switch (bytes) {
            case 1 -> MemoryUtil.getByte(address);
            case 2 -> MemoryUtil.getShort(address);
            case 4 -> MemoryUtil.getInt(address);
            default -> MemoryUtil.getLong(address);
        };
    }

    private IpcException malformed(String what, Object value, String rule) {
        String name = ArrowSchema.excerpt(field.name());
        return new IpcException(IpcErrorCode.MALFORMED, what + " of field " + name, value, rule);
    }
}
