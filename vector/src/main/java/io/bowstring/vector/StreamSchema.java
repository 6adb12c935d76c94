package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;

/**
 * A schema as it is in memory, where encoded fields have the type of their indices, and in a stream, where they have the
 * type of their dictionary.
 *
 * <p>Immutable.
 *
 * @param inMemory the schema of batches
 * @param inStream the schema of the stream
 * @param dictionaryIds of all dictionaries, those inside others first
 */
record StreamSchema(Schema inMemory, Schema inStream, List<Long> dictionaryIds) {
    /**
     * Returns the schema of a stream of batches.
     *
     * @throws IllegalArgumentException if there is no such dictionary
     * @throws IpcException {@code UNSUPPORTED} where the values of a dictionary are unions, or have them inside
     */
    static StreamSchema of(Schema inMemory, DictionaryProvider dictionaries) {
        Set<Long> innerFirst = new LinkedHashSet<>();
        List<Field> fields = new ArrayList<>();
        for (Field field : inMemory.getFields()) {
            Field inStream = DictionaryUtility.toMessageFormat(field, dictionaries, new HashSet<>());
            addDictionaries(inStream, innerFirst);
            fields.add(inStream);
        }
        return new StreamSchema(
                inMemory, new Schema(fields, inMemory.getCustomMetadata()), new ArrayList<>(innerFirst));
    }

    /** Recursion is as deep as the user nests fields. */
    private static void addDictionaries(Field inStream, Set<Long> innerFirst) {
        inStream.getChildren().forEach(child -> addDictionaries(child, innerFirst));
        if (inStream.getDictionary() != null) {
            long id = inStream.getDictionary().getId();
            requireNoUnion(id, inStream, inStream.getName());
            innerFirst.add(id);
        }
    }

    /**
     * Values of a dictionary are known by their vector alone. That of a union does not tell the type ids it was made of, nor
     * the order of its children.
     */
    private static void requireNoUnion(long id, Field values, String name) {
        if (ArrowTypes.storage(values.getType()) instanceof ArrowType.Union) {
            String rule = "none: its vector does not tell what it was made of";
            throw new IpcException(
                    IpcErrorCode.UNSUPPORTED, "union in dictionary " + id, ArrowSchema.excerpt(name), rule);
        }
        values.getChildren().forEach(child -> requireNoUnion(id, child, name + "." + child.getName()));
    }

    /** Returns the schema message, owned. */
    IpcSchema message(ByteBufAllocator allocator) {
        return IpcSchema.ofMetadata(
                Unpooled.wrappedBuffer(MessageSerializer.serializeMetadata(inStream, IpcOption.DEFAULT)), allocator);
    }

    /** Throws IllegalArgumentException if a batch of another schema has no place in the stream. */
    void requireFields(Schema other) {
        if (!other.getFields().equals(inMemory.getFields())) {
            throw new IllegalArgumentException(
                    "fields of the batch: " + other.getFields() + " (expected: " + inMemory.getFields() + ")");
        }
    }
}
