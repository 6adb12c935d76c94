package io.bowstring.codec;

import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code custom_metadata} of the fields of a schema that is rewritten, nested fields after their parent: copied
 * byte for byte, since values need not be text. Borrows the older schema. Confined to the caller's thread.
 */
final class FieldEntries {
    private final @Nullable MetadataReader older;
    private final Iterator<Integer> vectors;

    private FieldEntries(@Nullable MetadataReader older, Iterator<Integer> vectors) {
        this.older = older;
        this.vectors = vectors;
    }

    /** Returns those of any number of fields that have none. */
    static FieldEntries none() {
        return new FieldEntries(null, Stream.generate(() -> 0).iterator());
    }

    /** Returns those of a schema that has been read. */
    static FieldEntries of(MetadataReader older, int schemaTable) {
        return new FieldEntries(
                older, SchemaReader.entryVectors(older, schemaTable).iterator());
    }

    /** Returns the vector of the next field, or 0 where it has none. */
    int next() {
        return vectors.next();
    }

    /** Writes a vector that {@link #next} has returned, and returns its new position. */
    int write(int vector, MetadataWriter out) {
        return CustomMetadata.copy(Objects.requireNonNull(older), vector, out);
    }
}
