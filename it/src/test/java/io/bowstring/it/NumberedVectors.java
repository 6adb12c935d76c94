package io.bowstring.it;

import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Vectors of one producer that are filled at random, batch after batch, with a dictionary that changes. Owns them. Confined to one
 * thread at a time.
 */
final class NumberedVectors implements AutoCloseable {
    private static final int SMALLEST = 100;
    private static final int MAX_ROWS = 4;

    private final int producer;
    private final Random random;
    private final int maxBytes;
    private final Schema schema;
    private final GrowingDictionary words;
    private final VectorSchemaRoot root;
    private long sequence;

    /**
     * Creates vectors that are empty.
     *
     * @param maxBytes of a batch
     */
    NumberedVectors(int producer, long seed, int maxBytes, BufferAllocator allocator) {
        this.producer = producer;
        this.random = new Random(seed + producer);
        this.maxBytes = maxBytes;
        this.schema = NumberedBatch.schema(producer + 1L);
        this.words =
                new GrowingDictionary("of " + producer, schema.findField("word").getDictionary(), allocator);
        this.root = VectorSchemaRoot.create(schema, allocator);
    }

    Schema schema() {
        return schema;
    }

    /** Returns the dictionary as it is; borrowed. */
    DictionaryProvider dictionaries() {
        return words.provider();
    }

    /** Returns what has been filled last; borrowed, or to be consumed. */
    VectorSchemaRoot root() {
        return root;
    }

    /** Fills the vectors. Sizes are drawn so that each order of magnitude is as likely as any other. */
    NumberedBatch next() {
        words.change(random);
        root.allocateNew();
        int rows = 1 + random.nextInt(MAX_ROWS);
        int bytes = (int) (SMALLEST * Math.pow((double) maxBytes / SMALLEST, random.nextDouble()));
        for (int i = 0; i < rows; i++) {
            ((IntVector) root.getVector("producer")).setSafe(i, producer);
            ((BigIntVector) root.getVector("sequence")).setSafe(i, sequence);
            int index = random.nextInt(words.size() + 1);
            if (index == words.size()) {
                ((IntVector) root.getVector("word")).setNull(i);
            } else {
                ((IntVector) root.getVector("word")).setSafe(i, index);
            }
            byte[] payload = new byte[bytes / rows];
            random.nextBytes(payload);
            ((VarBinaryVector) root.getVector("payload")).setSafe(i, payload);
        }
        root.setRowCount(rows);
        sequence++;
        return NumberedBatch.of(root, words.provider());
    }

    @Override
    public void close() {
        root.close();
        words.close();
    }
}
