package io.bowstring.protocol;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Values of a type without children, as a list: what buffers of them are held against. Immutable. */
final class FlatValues {
    private static final Set<IpcTypeId> OTHERS = EnumSet.of(
            IpcTypeId.LIST,
            IpcTypeId.LARGE_LIST,
            IpcTypeId.FIXED_SIZE_LIST,
            IpcTypeId.LIST_VIEW,
            IpcTypeId.LARGE_LIST_VIEW,
            IpcTypeId.MAP,
            IpcTypeId.STRUCT,
            IpcTypeId.UNION,
            IpcTypeId.RUN_END_ENCODED,
            IpcTypeId.BINARY_VIEW,
            IpcTypeId.UTF8_VIEW);

    private final IpcField field;
    /** Each value's bytes, or one with a bit; null for null. */
    private final List<byte[]> values;

    private FlatValues(IpcField field, List<byte[]> values) {
        this.field = field;
        this.values = values;
    }

    /** Returns whether such values have buffers of their own and no others. */
    static boolean hasThemAlone(IpcType type) {
        return !OTHERS.contains(type.id());
    }

    private static boolean isNull(IpcField field) {
        return field.type().id() == IpcTypeId.NULL;
    }

    /** Returns how long an offset is; 0 of values that have a fixed width. */
    private static int offsetBytes(IpcField field) {
        return switch (field.type().id()) {
            case UTF8, BINARY -> Integer.BYTES;
            case LARGE_UTF8, LARGE_BINARY -> Long.BYTES;
            default -> 0;
        };
    }

    /** Returns up to 150 values, of which half the times some are null. */
    static FlatValues random(IpcField field, Random random) {
        int length = random.nextInt(4) == 0 ? 0 : random.nextInt(150);
        boolean hasNulls = isNull(field) || random.nextBoolean();
        List<byte[]> values = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            boolean isNull = isNull(field) || hasNulls && random.nextBoolean();
            values.add(isNull ? null : randomValue(field, random));
        }
        return new FlatValues(field, values);
    }

    private static byte[] randomValue(IpcField field, Random random) {
        boolean isFixed = offsetBytes(field) == 0;
        if (isFixed && field.valueBits() == 1) {
            return new byte[] {(byte) random.nextInt(2)};
        }
        byte[] value = new byte[isFixed ? field.valueBits() / 8 : random.nextInt(12)];
        random.nextBytes(value);
        return value;
    }

    static FlatValues concat(List<FlatValues> parts) {
        List<byte[]> all = new ArrayList<>();
        parts.forEach(part -> all.addAll(part.values));
        return new FlatValues(parts.get(0).field, all);
    }

    int length() {
        return values.size();
    }

    int nullCount() {
        return (int) values.stream().filter(value -> value == null).count();
    }

    /** Returns a batch of the values, as some writer may lay them out. */
    BatchBytes encode(Random random) {
        BatchBytes batch = new BatchBytes(length()).node(length(), nullCount());
        if (isNull(field)) {
            return batch;
        }
        batch.buffer(nullCount() == 0 && random.nextBoolean() ? new byte[0] : validity(random));
        if (offsetBytes(field) != 0) {
            return encodeStrings(batch, random);
        }
        return batch.buffer(field.valueBits() == 1 ? bits(random) : bytes(random));
    }

    /** Bits that mean nothing are as random as the others, also those of values where none is null. */
    private byte[] validity(Random random) {
        byte[] bits = randomBytes((length() + 7) / 8 + random.nextInt(3), random);
        for (int i = 0; i < length() && nullCount() > 0; i++) {
            setBit(bits, i, values.get(i) != null);
        }
        return bits;
    }

    private byte[] bits(Random random) {
        byte[] bits = randomBytes((length() + 7) / 8 + random.nextInt(3), random);
        for (int i = 0; i < length(); i++) {
            setBit(bits, i, values.get(i) != null && values.get(i)[0] == 1);
        }
        return bits;
    }

    private byte[] bytes(Random random) {
        int valueBytes = field.valueBits() / 8;
        ByteBuf bytes = Unpooled.buffer();
        for (byte[] value : values) {
            bytes.writeBytes(value == null ? randomBytes(valueBytes, random) : value);
        }
        return ByteBufUtil.getBytes(bytes.writeBytes(randomBytes(random.nextInt(20), random)));
    }

    /** The bytes may begin behind others and end in front of others, and so may those of null. */
    private BatchBytes encodeStrings(BatchBytes batch, Random random) {
        ByteBuf data = Unpooled.buffer().writeBytes(randomBytes(random.nextInt(9), random));
        ByteBuf offsets = Unpooled.buffer();
        writeOffset(data.writerIndex(), offsets);
        for (byte[] value : values) {
            data.writeBytes(value == null ? randomBytes(random.nextInt(4), random) : value);
            writeOffset(data.writerIndex(), offsets);
        }
        boolean isOmitted = length() == 0 && random.nextBoolean();
        data.writeBytes(randomBytes(random.nextInt(9), random));
        return batch.buffer(isOmitted ? new byte[0] : ByteBufUtil.getBytes(offsets))
                .buffer(ByteBufUtil.getBytes(data));
    }

    private void writeOffset(int offset, ByteBuf out) {
        if (offsetBytes(field) == Long.BYTES) {
            out.writeLongLE(offset);
        } else {
            out.writeIntLE(offset);
        }
    }

    /** Returns whether buffers, without a byte too many, have these values. */
    boolean isIn(List<byte[]> buffers) {
        if (buffers.isEmpty()) {
            return isNull(field);
        }
        byte[] validity = buffers.get(0);
        if (validity.length != (nullCount() == 0 ? 0 : (length() + 7) / 8)) {
            return false;
        }
        for (int i = 0; i < length(); i++) {
            byte[] value = values.get(i);
            boolean isNull = validity.length > 0 && !bit(validity, i);
            if (isNull != (value == null) || !isNull && !Arrays.equals(value, decode(buffers, i))) {
                return false;
            }
        }
        return true;
    }

    private byte[] decode(List<byte[]> buffers, int index) {
        byte[] fixed = buffers.get(1);
        if (offsetBytes(field) != 0) {
            ByteBuf offsets = Unpooled.wrappedBuffer(fixed);
            int width = offsetBytes(field); // also of 64 bits the lower 32 are enough
            int from = offsets.getIntLE(width * index);
            return Arrays.copyOfRange(buffers.get(2), from, offsets.getIntLE(width * (index + 1)));
        }
        int valueBits = field.valueBits();
        if (valueBits == 1) {
            return new byte[] {(byte) (bit(fixed, index) ? 1 : 0)};
        }
        return Arrays.copyOfRange(fixed, valueBits / 8 * index, valueBits / 8 * (index + 1));
    }

    private static boolean bit(byte[] bits, int index) {
        return (bits[index / 8] >> index % 8 & 1) == 1;
    }

    private static void setBit(byte[] bits, int index, boolean isSet) {
        int mask = 1 << index % 8;
        bits[index / 8] = (byte) (isSet ? bits[index / 8] | mask : bits[index / 8] & ~mask);
    }

    private static byte[] randomBytes(int count, Random random) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
