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
    public static final IpcLimits UNLIMITED = new IpcLimits(
            32 << 20,
            32 << 20,
            BODY_BYTES_CEILING,
            Integer.MAX_VALUE,
            256,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE);

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

    /** Returns these limits with another {@code maxBodyBytes}. */
    public IpcLimits withMaxBodyBytes(int bytes) {
        return toBuilder().maxBodyBytes(bytes).build();
    }

    /** Returns these limits with another {@code maxDecompressedBytes}. */
    public IpcLimits withMaxDecompressedBytes(int bytes) {
        return toBuilder().maxDecompressedBytes(bytes).build();
    }

    /** Returns limits that are each {@code factor} times these, or as wide as they can be. */
    public IpcLimits times(int factor) {
        return new IpcLimits(
                product(maxMetadataBytes, factor, UNLIMITED.maxMetadataBytes),
                product(maxSchemaBytes, factor, UNLIMITED.maxSchemaBytes),
                product(maxBodyBytes, factor, UNLIMITED.maxBodyBytes),
                product(maxFields, factor, UNLIMITED.maxFields),
                product(maxDepth, factor, UNLIMITED.maxDepth),
                product(maxSchemaEntries, factor, UNLIMITED.maxSchemaEntries),
                product(maxSchemaEntryBytes, factor, UNLIMITED.maxSchemaEntryBytes),
                product(maxMessageEntries, factor, UNLIMITED.maxMessageEntries),
                product(maxMessageEntryBytes, factor, UNLIMITED.maxMessageEntryBytes),
                product(maxDictionaries, factor, UNLIMITED.maxDictionaries),
                product(maxDecompressedBytes, factor, UNLIMITED.maxDecompressedBytes));
    }

    private static int product(int value, int factor, int most) {
        return (int) Math.min((long) value * factor, most);
    }

    private static void requireInRange(String name, int value, int max) {
        if (value <= 0 || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1.." + max + ")");
        }
    }

    /** Builds limits; each method sets the component of its name. Confined to one thread. */
    public static final class Builder {
        private int maxMetadataBytes;
        private int maxSchemaBytes;
        private int maxBodyBytes;
        private int maxFields;
        private int maxDepth;
        private int maxSchemaEntries;
        private int maxSchemaEntryBytes;
        private int maxMessageEntries;
        private int maxMessageEntryBytes;
        private int maxDictionaries;
        private int maxDecompressedBytes;

        private Builder(IpcLimits limits) {
            maxMetadataBytes = limits.maxMetadataBytes;
            maxSchemaBytes = limits.maxSchemaBytes;
            maxBodyBytes = limits.maxBodyBytes;
            maxFields = limits.maxFields;
            maxDepth = limits.maxDepth;
            maxSchemaEntries = limits.maxSchemaEntries;
            maxSchemaEntryBytes = limits.maxSchemaEntryBytes;
            maxMessageEntries = limits.maxMessageEntries;
            maxMessageEntryBytes = limits.maxMessageEntryBytes;
            maxDictionaries = limits.maxDictionaries;
            maxDecompressedBytes = limits.maxDecompressedBytes;
        }

        public Builder maxMetadataBytes(int bytes) {
            this.maxMetadataBytes = bytes;
            return this;
        }

        public Builder maxSchemaBytes(int bytes) {
            this.maxSchemaBytes = bytes;
            return this;
        }

        public Builder maxBodyBytes(int bytes) {
            this.maxBodyBytes = bytes;
            return this;
        }

        public Builder maxFields(int max) {
            this.maxFields = max;
            return this;
        }

        public Builder maxDepth(int max) {
            this.maxDepth = max;
            return this;
        }

        public Builder maxSchemaEntries(int max) {
            this.maxSchemaEntries = max;
            return this;
        }

        public Builder maxSchemaEntryBytes(int bytes) {
            this.maxSchemaEntryBytes = bytes;
            return this;
        }

        public Builder maxMessageEntries(int max) {
            this.maxMessageEntries = max;
            return this;
        }

        public Builder maxMessageEntryBytes(int bytes) {
            this.maxMessageEntryBytes = bytes;
            return this;
        }

        public Builder maxDictionaries(int max) {
            this.maxDictionaries = max;
            return this;
        }

        public Builder maxDecompressedBytes(int bytes) {
            this.maxDecompressedBytes = bytes;
            return this;
        }

        /**
         * Returns the limits.
         *
         * @throws IllegalArgumentException as the constructor does
         */
        public IpcLimits build() {
            return new IpcLimits(
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
                    maxDecompressedBytes);
        }
    }
}
