package io.bowstring.cli;

import io.bowstring.vector.NettyAllocationFactory;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Endless batches of prices that walk at random: time, symbol (by a dictionary), price, size. Confined to the
 * caller's thread; owns Arrow memory.
 */
final class DemoPrices implements AutoCloseable {
    private static final List<String> SYMBOLS = List.of("ASH", "ELM", "FIR", "OAK", "YEW");
    private static final int ROWS = 4;
    private static final double FIRST_PRICE = 100;
    private static final double STEP = 0.002;
    private static final ArrowType.Int INT8 = new ArrowType.Int(8, true);
    private static final ArrowType.FloatingPoint FLOAT64 = new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
    private static final DictionaryEncoding ENCODING = new DictionaryEncoding(0, false, INT8);

    private final Random random;
    private final double[] prices = new double[SYMBOLS.size()];
    private final BufferAllocator allocator =
            new NettyAllocationFactory(ByteBufAllocator.DEFAULT).newRootAllocator(Long.MAX_VALUE);
    private final VarCharVector symbols = new VarCharVector("symbols", allocator);
    private final TimeStampMicroTZVector time;
    private final TinyIntVector symbol;
    private final Float8Vector price;
    private final BigIntVector size;
    private final VectorSchemaRoot batch;
    private final DictionaryProvider dictionaries;

    DemoPrices(Random random) {
        this.random = random;
        Arrays.fill(prices, FIRST_PRICE);
        for (int i = 0; i < SYMBOLS.size(); i++) {
            symbols.setSafe(i, SYMBOLS.get(i).getBytes(StandardCharsets.UTF_8));
        }
        symbols.setValueCount(SYMBOLS.size());
        time = (TimeStampMicroTZVector) newVector("time", new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC"), null);
        symbol = (TinyIntVector) newVector("symbol", INT8, ENCODING);
        price = (Float8Vector) newVector("price", FLOAT64, null);
        size = (BigIntVector) newVector("size", new ArrowType.Int(64, true), null);
        batch = VectorSchemaRoot.of(time, symbol, price, size);
        dictionaries = new DictionaryProvider.MapDictionaryProvider(new Dictionary(symbols, ENCODING));
    }

    private FieldVector newVector(String name, ArrowType type, @Nullable DictionaryEncoding encoding) {
        return new Field(name, new FieldType(false, type, encoding), null).createVector(allocator);
    }

    Schema schema() {
        return batch.getSchema();
    }

    /** Returns the symbols; borrowed. */
    DictionaryProvider dictionaries() {
        return dictionaries;
    }

    /** Returns the next batch, borrowed until the next call: it may be cleared. */
    VectorSchemaRoot next() {
        long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        batch.allocateNew();
        for (int row = 0; row < ROWS; row++) {
            int which = random.nextInt(prices.length);
            prices[which] *= 1 + STEP * random.nextGaussian();
            time.set(row, now);
            symbol.set(row, which);
            price.set(row, Math.round(prices[which] * 100) / 100.0);
            size.set(row, 100L * (1 + random.nextInt(20)));
        }
        batch.setRowCount(ROWS);
        return batch;
    }

    @Override
    public void close() {
        batch.close();
        symbols.close();
        allocator.close();
    }
}
