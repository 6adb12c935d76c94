package io.bowstring.vector;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.ExtensionTypeRegistry;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The fields of a stream as arrow-java has them in memory: a field that is encoded with a dictionary has the type of its
 * indices, the values have a field of their own. Immutable.
 */
final class ArrowSchema {
    private static final int MAX_NAME_CHARS = 64;

    /** The values of a dictionary: a field that is encoded with it, and what arrow-java has for the values. */
    record Values(IpcField encoded, Field field, DictionaryEncoding encoding) {}

    private final Schema schema;
    private final Map<Long, Values> dictionaries = new LinkedHashMap<>();

    /**
     * Converts a schema.
     *
     * @param message borrowed; its fields have been verified
     * @throws IpcException {@code UNSUPPORTED} where arrow-java does not have a type; the message names the field
     */
    ArrowSchema(IpcSchema message) {
        this(message.fields(), message.fieldMetadata(), message.schemaMetadata());
    }

    /** Converts some fields, as above; {@code fieldMetadata} has an entry for each, nested ones after their parent. */
    ArrowSchema(List<IpcField> fields, List<Map<String, String>> fieldMetadata, Map<String, String> schemaMetadata) {
        Iterator<Map<String, String>> metadata = fieldMetadata.iterator();
        List<Field> converted = new ArrayList<>();
        for (IpcField field : fields) {
            converted.add(convert(field, metadata));
        }
        this.schema = new Schema(converted, schemaMetadata);
    }

    /** Returns the schema that roots have. */
    Schema schema() {
        return schema;
    }

    /** Returns the dictionaries by their ids. */
    Map<Long, Values> dictionaries() {
        return dictionaries;
    }

    /** Recursion is as deep as the codec lets fields be nested. */
    private Field convert(IpcField field, Iterator<Map<String, String>> allMetadata) {
        Map<String, String> metadata = allMetadata.next();
        List<Field> children = new ArrayList<>();
        for (IpcField child : field.children()) {
            children.add(convert(child, allMetadata));
        }
        try {
            return convert(field, metadata, children);
        } catch (RuntimeException e) { // of a type, or of an extension type of the user's
            throw unsupported(field, e);
        }
    }

    private Field convert(IpcField field, Map<String, String> metadata, List<Field> children) {
        ArrowType type = withExtension(ArrowTypes.toArrow(field.type()), metadata);
        IpcDictionaryEncoding dictionary = field.dictionary();
        if (dictionary == null) {
            return new HashedField(field.name(), new FieldType(field.isNullable(), type, null, metadata), children);
        }
        ArrowType.Int indexType = ArrowTypes.toInt(dictionary.indexType());
        DictionaryEncoding encoding = new DictionaryEncoding(dictionary.id(), dictionary.isOrdered(), indexType);
        Field values = new Field("DICT" + dictionary.id(), new FieldType(true, type, null), children);
        dictionaries.putIfAbsent(dictionary.id(), new Values(field, values, encoding));
        return new HashedField(
                field.name(), new FieldType(field.isNullable(), indexType, encoding, metadata), List.of());
    }

    /** A field that does not add up its hash again for each root that it is a column of. */
    private static final class HashedField extends Field {
        private final int hash;

        HashedField(String name, FieldType type, List<Field> children) {
            super(name, type, children);
            this.hash = super.hashCode();
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return super.equals(other);
        }
    }

    private static ArrowType withExtension(ArrowType storage, Map<String, String> metadata) {
        String name = metadata.get(ArrowType.ExtensionType.EXTENSION_METADATA_KEY_NAME);
        ArrowType.ExtensionType extension = name == null ? null : ExtensionTypeRegistry.lookup(name);
        if (extension == null) {
            return storage;
        }
        String text = metadata.getOrDefault(ArrowType.ExtensionType.EXTENSION_METADATA_KEY_METADATA, "");
        ArrowType type = extension.deserialize(storage, text);
        ArrowType own = type instanceof ArrowType.ExtensionType known ? known.storageType() : type;
        if (!own.equals(
                storage)) { // it may not have looked, and its vectors would be loaded with what is something else
            throw new IllegalArgumentException(own + " for extension type " + excerpt(extension.extensionName()));
        }
        return type;
    }

    /** Returns what to throw where arrow-java refuses a field. */
    static IpcException unsupported(IpcField field, RuntimeException reason) {
        String rule = "what arrow-java has: " + excerpt(String.valueOf(reason.getMessage()));
        return new IpcException(IpcErrorCode.UNSUPPORTED, "field", excerpt(field.toString()), rule);
    }

    /** Returns a peer's text, cut to what an error message may repeat of it. */
    static String excerpt(String text) {
        return text.length() <= MAX_NAME_CHARS ? text : text.substring(0, MAX_NAME_CHARS) + "…";
    }
}
