package io.bowstring.cli;

import io.bowstring.codec.IpcMessage;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/**
 * An endless Arrow stream of prices that walk at random: time, symbol (by a dictionary), price, size. Confined to the
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
    private final BufferAllocator allocator = new RootAllocator();
    private final VarCharVector symbols = new VarCharVector("symbols", allocator);
    private final TimeStampMicroTZVector time;
    private final TinyIntVector symbol;
    private final Float8Vector price;
    private final BigIntVector size;
    private final VectorSchemaRoot batch;
    private final MessageFeed messages = new MessageFeed();
    private final ArrowStreamWriter writer;

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
        writer = new ArrowStreamWriter(
                batch, new DictionaryProvider.MapDictionaryProvider(new Dictionary(symbols, ENCODING)), new Feeder());
    }

    private FieldVector newVector(String name, ArrowType type, @Nullable DictionaryEncoding encoding) {
        return new Field(name, new FieldType(false, type, encoding), null).createVector(allocator);
    }

    /** Returns the next message of the stream, owned: the schema first, the dictionary, then batches for ever. */
    IpcMessage next() throws IOException {
        IpcMessage message = messages.poll();
        while (message == null) {
            fill();
            writer.writeBatch();
            message = messages.poll();
        }
        return message;
    }

    private void fill() {
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
    }

    @Override
    public void close() {
        writer.close(); // it keeps copies of the dictionaries
        messages.close();
        batch.close();
        symbols.close();
        allocator.close();
    }

    /** Turns what Arrow writes back into messages. */
    private final class Feeder implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) {
            int count = bytes.remaining();
            messages.add(Unpooled.copiedBuffer(bytes));
            bytes.position(bytes.limit());
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Never: the stream is endless.
        }
    }
}
