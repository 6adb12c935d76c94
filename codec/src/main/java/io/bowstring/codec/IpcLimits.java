package io.bowstring.codec;

/**
 * What a peer may make a decoder hold. Each limit is checked before any memory is committed for what it bounds.
 *
 * <p>Immutable.
 *
 * @param maxMetadataBytes metadata of one dictionary batch or record batch, in bytes
 * @param maxSchemaBytes metadata of one schema message, in bytes
 * @param maxBodyBytes body of one message, in bytes
 * @param maxFields fields of one schema, nested ones and the children of dictionary values included
 * @param maxDepth nesting depth of fields; a top-level field has depth 1
 * @param maxSchemaEntries {@code custom_metadata} entries of the schema, and of each field
 * @param maxSchemaEntryBytes keys and values of those entries, in bytes of UTF-8
 * @param maxMessageEntries {@code custom_metadata} entries of one message
 * @param maxMessageEntryBytes keys and values of those entries, in bytes of UTF-8
 * @param maxDictionaries distinct dictionary ids in one schema
 * @param maxDecompressedBytes what one batch may oblige a reader to allocate beside its body, in bytes: its buffers when
 *     they are decompressed, and validity that it leaves out, of which there may be as much as there is body in any case
 */
public record IpcLimits(
        int maxMetadataBytes,
        int maxSchemaBytes,
        int maxBodyBytes,
        int maxFields,
        int maxDepth,
        int maxSchemaEntries,
        int maxSchemaEntryBytes,
        int maxMessageEntries,
        int maxMessageEntryBytes,
        int maxDictionaries,
        int maxDecompressedBytes) {

    private static final int ANY = Integer.MAX_VALUE;

    /**
     * Limits that fit honest data and bound what a stranger costs. They fit each other: a batch of as many fields as
     * there may be, each with 72 bytes of metadata, is within {@code maxMetadataBytes}; and so many fields, with the 300
     * bytes that pandas has to say of each, are within {@code maxSchemaEntryBytes}.
     */
    public static final IpcLimits DEFAULTS =
            new IpcLimits(1 << 20, 16 << 20, 64 << 20, 12_000, 64, 1_024, 4 << 20, 64, 16 << 10, 1_000, 256 << 20);

    /** The longest body that any limit may allow: a frame with its metadata must fit one {@code int}-indexed buffer. */
    public static final int BODY_BYTES_CEILING = Integer.MAX_VALUE - (64 << 20);

    /**
     * The widest limits that there can be: for what this codec has written itself, and for data of a peer that is trusted
     * to have checked it against limits of its own. They bound nothing that a stranger could do.
     */
    public static final IpcLimits UNLIMITED =
            new IpcLimits(32 << 20, 32 << 20, BODY_BYTES_CEILING, ANY, 256, ANY, ANY, ANY, ANY, ANY, ANY);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive, a metadata limit is above 32 MiB,
     *     {@code maxDepth} is above 256, or
     *     {@code maxBodyBytes} is above {@link #BODY_BYTES_CEILING}
     */
    public IpcLimits {
        requireInRange("maxMetadataBytes", maxMetadataBytes, 32 << 20);
        requireInRange("maxSchemaBytes", maxSchemaBytes, 32 << 20);
        requireInRange("maxBodyBytes", maxBodyBytes, BODY_BYTES_CEILING);
        requireInRange("maxFields", maxFields, Integer.MAX_VALUE);
        requireInRange("maxDepth", maxDepth, 256);
        requireInRange("maxSchemaEntries", maxSchemaEntries, Integer.MAX_VALUE);
        requireInRange("maxSchemaEntryBytes", maxSchemaEntryBytes, Integer.MAX_VALUE);
        requireInRange("maxMessageEntries", maxMessageEntries, Integer.MAX_VALUE);
        requireInRange("maxMessageEntryBytes", maxMessageEntryBytes, Integer.MAX_VALUE);
        requireInRange("maxDictionaries", maxDictionaries, Integer.MAX_VALUE);
        requireInRange("maxDecompressedBytes", maxDecompressedBytes, Integer.MAX_VALUE);
    }

    /** Returns a builder of limits that differ from these in what it is told. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Returns the components, in their order. */
    private int[] values() {
        return new int[] {
            maxMetadataBytes,
            maxSchemaBytes,
            maxBodyBytes,
            maxFields,
            maxDepth,
            maxSchemaEntries,
            maxSchemaEntryBytes,
            maxMessageEntries,
            maxMessageEntryBytes,
            maxDictionaries,
            maxDecompressedBytes
        };
    }

    private static IpcLimits of(int[] all) {
        return new IpcLimits(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], all[8], all[9], all[10]);
    }

    private static void requireInRange(String name, int value, int max) {
        if (value <= 0 || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1.." + max + ")");
        }
    }

    /** Builds limits; each method sets the component of its name. Confined to one thread. */
    public static final class Builder {
        /** In the order of the components. */
        private final int[] values;

        private Builder(IpcLimits limits) {
            values = limits.values();
        }

        private Builder set(int component, int value) {
            values[component] = value;
            return this;
        }

        public Builder maxMetadataBytes(int bytes) {
            return set(0, bytes);
        }

        public Builder maxSchemaBytes(int bytes) {
            return set(1, bytes);
        }

        public Builder maxBodyBytes(int bytes) {
            return set(2, bytes);
        }

        public Builder maxFields(int max) {
            return set(3, max);
        }

        public Builder maxDepth(int max) {
            return set(4, max);
        }

        public Builder maxSchemaEntries(int max) {
            return set(5, max);
        }

        public Builder maxSchemaEntryBytes(int bytes) {
            return set(6, bytes);
        }

        public Builder maxMessageEntries(int max) {
            return set(7, max);
        }

        public Builder maxMessageEntryBytes(int bytes) {
            return set(8, bytes);
        }

        public Builder maxDictionaries(int max) {
            return set(9, max);
        }

        public Builder maxDecompressedBytes(int bytes) {
            return set(10, bytes);
        }

        /**
         * Returns the limits.
         *
         * @throws IllegalArgumentException as the constructor does
         */
        public IpcLimits build() {
            return of(values);
        }
    }
}
