package io.bowstring.it;

import io.bowstring.client.ReceivedBatch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What a batch of a {@link NumberedProducer} is, without its vectors: enough to tell whether it is as it was published. {@code
 * segments.py} makes the same of the files. Immutable; {@link #ABSENT} stands for a column that was not asked for.
 *
 * @param producer its number
 * @param sequence the number that the producer gave it
 * @param words a checksum of the words, decoded
 * @param payload a checksum of the bytes
 */
record NumberedBatch(long producer, long sequence, long words, long payload) {
    static final long ABSENT = -1;

    /** The columns. */
    static final List<String> COLUMNS = List.of("producer", "sequence", "word", "payload");

    private static final byte[] NULL_WORD = {(byte) 0xFF};

    /** Returns the schema of the batches, with a dictionary of an id. */
    static Schema schema(long dictionaryId) {
        ArrowType int32 = new ArrowType.Int(32, true);
        DictionaryEncoding encoding = new DictionaryEncoding(dictionaryId, false, new ArrowType.Int(32, true));
        return new Schema(List.of(
                Field.notNullable("producer", int32),
                Field.notNullable("sequence", new ArrowType.Int(64, true)),
                new Field("word", new FieldType(true, int32, encoding), List.of()),
                Field.notNullable("payload", ArrowType.Binary.INSTANCE)));
    }

    /** Reads a batch, borrowed. */
    static NumberedBatch of(ReceivedBatch batch) {
        return of(batch.root(), batch.dictionaries());
    }

    /** Reads vectors, borrowed. */
    static NumberedBatch of(VectorSchemaRoot root, DictionaryProvider dictionaries) {
        long producer = ABSENT;
        long sequence = ABSENT;
        long words = ABSENT;
        long payload = ABSENT;
        for (FieldVector vector : root.getFieldVectors()) {
            switch (vector.getName()) {
                case "producer" -> producer = ((IntVector) vector).get(0);
                case "sequence" -> sequence = ((BigIntVector) vector).get(0);
                case "word" -> words = words((IntVector) vector, dictionaries);
                default -> payload = payload((VarBinaryVector) vector);
            }
        }
        return new NumberedBatch(producer, sequence, words, payload);
    }

    private static long words(IntVector indices, DictionaryProvider dictionaries) {
        long id = indices.getField().getDictionary().getId();
        VarCharVector words = (VarCharVector) dictionaries.lookup(id).getVector();
        CRC32 checksum = new CRC32();
        for (int i = 0; i < indices.getValueCount(); i++) {
            checksum.update(indices.isNull(i) ? NULL_WORD : words.get(indices.get(i)));
        }
        return checksum.getValue();
    }

    private static long payload(VarBinaryVector vector) {
        CRC32 checksum = new CRC32();
        for (int i = 0; i < vector.getValueCount(); i++) {
            checksum.update(vector.get(i));
        }
        return checksum.getValue();
    }

    /** Returns whether this, of which columns may be absent, is a part of another. */
    boolean isPartOf(NumberedBatch whole) {
        return isSame(producer, whole.producer)
                && isSame(sequence, whole.sequence)
                && isSame(words, whole.words)
                && isSame(payload, whole.payload);
    }

    private static boolean isSame(long found, long expected) {
        return found == ABSENT || found == expected;
    }

    /** Parses {@link #toString}. */
    static NumberedBatch parse(String text) {
        String[] numbers = text.split(" ");
        return new NumberedBatch(
                Long.parseLong(numbers[0]),
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]),
                Long.parseLong(numbers[3]));
    }

    @Override
    public String toString() {
        return producer + " " + sequence + " " + words + " " + payload;
    }

    /** Returns a word as it stands in vectors. */
    static byte[] bytes(String word) {
        return word.getBytes(StandardCharsets.UTF_8);
    }
}
