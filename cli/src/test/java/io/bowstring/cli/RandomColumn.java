package io.bowstring.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Columns of random values of any type, written bit by bit, and what stands in them. Not instantiable. */
final class RandomColumn {
    private static final List<String> TEXTS = List.of(
            "",
            "null",
            "NaN",
            "true",
            "0",
            "a,b",
            "say \"x\"",
            "\"",
            "two\nlines",
            "\r\n",
            "\r",
            " blank ",
            "\t",
            "\0",
            "\u001b[31m",
            "\u202edevorppa",
            "日本語",
            "e\u0301",
            "👍",
            "#2",
            "2026-11-21",
            "[1]",
            "{}",
            "\u2028",
            "\\u0041");

    private RandomColumn() {}

    /** Fills a vector with so many values, some of them null. */
    static void fill(FieldVector vector, int count, Random random) {
        vector.setInitialCapacity(count);
        vector.allocateNew();
        boolean isNullable = vector.getField().isNullable();
        if (vector instanceof StructVector struct) {
            struct.getChildrenFromFields().forEach(child -> fill(child, count, random));
        }
        int elements = 0;
        for (int row = 0; row < count; row++) {
            if (isNullable && random.nextInt(5) == 0) {
                vector.setNull(row);
            } else {
                elements += set(vector, row, random);
            }
        }
        if (vector instanceof FixedSizeListVector list) {
            fill(list.getDataVector(), count * list.getListSize(), random);
        } else if (vector instanceof ListVector || vector instanceof LargeListVector) {
            fill(vector.getChildrenFromFields().get(0), elements, random);
        }
        vector.setValueCount(count);
    }

    /** Returns how many elements the value has. */
    private static int set(FieldVector vector, int row, Random random) {
        int elements = random.nextInt(4);
        if (vector instanceof ListVector list) {
            list.startNewValue(row);
            list.endValue(row, elements);
        } else if (vector instanceof LargeListVector list) {
            list.startNewValue(row);
            list.endValue(row, elements);
        } else if (vector instanceof FixedSizeListVector list) {
            list.setNotNull(row);
        } else if (vector instanceof StructVector struct) {
            struct.setIndexDefined(row);
        } else if (!(vector instanceof NullVector)) {
            setScalar(vector, row, random);
        }
        return elements;
    }

    private static void setScalar(FieldVector vector, int row, Random random) {
        if (vector instanceof DecimalVector || vector instanceof Decimal256Vector) {
            setDecimal(vector, row, random);
        } else if (vector instanceof BitVector bits) {
            bits.setSafe(row, random.nextInt(2));
        } else if (vector instanceof BaseFixedWidthVector fixed) {
            fixed.setValueCount(row + 1); // for the room
            byte[] raw = new byte[fixed.getTypeWidth()];
            random.nextBytes(raw);
            if (random.nextInt(3) == 0) { // near the ends
                java.util.Arrays.fill(raw, (byte) (random.nextBoolean() ? 0 : -1));
                raw[raw.length - 1] = (byte) (random.nextBoolean() ? raw[0] : raw[0] ^ 0x80);
            }
            if (vector.getField().getType() instanceof ArrowType.Time && random.nextInt(4) > 0) {
                java.util.Arrays.fill(raw, raw.length / 2 + 1, raw.length, (byte) 0); // of the day
            }
            vector.getDataBuffer().setBytes((long) row * raw.length, raw);
            BitVectorHelper.setBit(vector.getValidityBuffer(), row);
        } else {
            setBytes(vector, row, isText(vector) ? text(random).getBytes(StandardCharsets.UTF_8) : bytes(random));
        }
    }

    private static String text(Random random) {
        if (random.nextBoolean()) {
            return TEXTS.get(random.nextInt(TEXTS.size()));
        }
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x110000);
            text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? ',' : c);
        }
        return text.toString();
    }

    private static void setBytes(FieldVector vector, int row, byte[] bytes) {
        if (vector instanceof BaseVariableWidthVector variable) {
            variable.setSafe(row, bytes);
        } else if (vector instanceof BaseLargeVariableWidthVector variable) {
            variable.setSafe(row, bytes);
        } else {
            ((BaseVariableWidthViewVector) vector).setSafe(row, bytes);
        }
    }

    private static void setDecimal(FieldVector vector, int row, Random random) {
        ArrowType.Decimal type = (ArrowType.Decimal) vector.getField().getType();
        BigInteger max = BigInteger.TEN.pow(random.nextInt(type.getPrecision()) + 1);
        BigInteger unscaled = new BigInteger(max.bitLength() + 8, random).mod(max);
        BigDecimal value = new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), type.getScale());
        if (vector instanceof DecimalVector decimal) {
            decimal.setSafe(row, value);
        } else {
            ((Decimal256Vector) vector).setSafe(row, value);
        }
    }

    /** Returns a value, bit by bit; NaN is one, however it is written. */
    static String value(FieldVector vector, int row) {
        if (vector.isNull(row)) {
            return "null";
        }
        if (vector instanceof Float8Vector floats) {
            return Double.toString(floats.get(row));
        }
        if (vector instanceof Float4Vector floats) {
            return Float.toString(floats.get(row));
        }
        if (vector instanceof Float2Vector floats) {
            return Float.toString(floats.getValueAsFloat(row));
        }
        if (vector instanceof BitVector bits) {
            return Integer.toString(bits.get(row));
        }
        if (vector instanceof BaseFixedWidthVector fixed) {
            byte[] raw = new byte[fixed.getTypeWidth()];
            vector.getDataBuffer().getBytes((long) row * raw.length, raw);
            return HexFormat.of().formatHex(raw);
        }
        StringJoiner all = new StringJoiner(", ", "[", "]");
        if (vector instanceof StructVector) {
            vector.getChildrenFromFields().forEach(child -> all.add(value(child, row)));
            return all.toString();
        }
        if (!vector.getChildrenFromFields().isEmpty()) {
            FieldVector elements = vector.getChildrenFromFields().get(0);
            for (long i = start(vector, row); i < end(vector, row); i++) {
                all.add(value(elements, (int) i));
            }
            return all.toString();
        }
        return vector.getObject(row) instanceof byte[] bytes
                ? HexFormat.of().formatHex(bytes)
                : vector.getObject(row).toString();
    }

    private static boolean isText(FieldVector vector) {
        ArrowType type = vector.getField().getType();
        return type instanceof ArrowType.Utf8
                || type instanceof ArrowType.LargeUtf8
                || type instanceof ArrowType.Utf8View;
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static long start(FieldVector lists, int row) {
        return lists instanceof LargeListVector large
                ? large.getElementStartIndex(row)
                : ((BaseListVector) lists).getElementStartIndex(row);
    }

    private static long end(FieldVector lists, int row) {
        return lists instanceof LargeListVector large
                ? large.getElementEndIndex(row)
                : ((BaseListVector) lists).getElementEndIndex(row);
    }
}
