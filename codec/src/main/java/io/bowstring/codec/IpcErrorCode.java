package io.bowstring.codec;

/**
 * Every way in which the bytes of a peer can be wrong. The set is closed; constants are only ever added.
 *
 * <p>Immutable.
 */
public enum IpcErrorCode {
    /** The bytes where a message must begin are not the continuation marker {@code FF FF FF FF}. */
    NOT_ARROW,
    /** A length is impossible, or the metadata is not a well-formed Arrow flatbuffer. */
    MALFORMED,
    /** A well-formed message stands where the stream must not have it: a second schema, a batch before the schema. */
    OUT_OF_ORDER,
    /** The input ended inside a message. */
    TRUNCATED,
    /** A length or a count is above its {@link IpcLimits limit}. */
    TOO_LARGE,
    /** Valid Arrow that this codec does not carry: big-endian data, metadata before V4, tensors. */
    UNSUPPORTED
}
