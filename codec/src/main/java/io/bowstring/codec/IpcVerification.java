package io.bowstring.codec;

/**
 * How much of each batch a decoder checks. Schemas and message headers are always checked. Immutable.
 */
public enum IpcVerification {
    /** Nothing more: prefix, header, lengths. For streams from a peer that is trusted. */
    FRAMING,
    /**
     * The batch against its schema, from its metadata: as many field nodes, buffers and variadic counts as the schema
     * implies; each buffer inside the body, aligned, and at least as long as the values that it is said to hold; a known
     * compression codec with a sane length before each buffer. The values themselves are not looked at.
     */
    STRUCTURE
}
