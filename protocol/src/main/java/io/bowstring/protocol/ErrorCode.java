package io.bowstring.protocol;

import io.bowstring.codec.IpcErrorCode;

/**
 * Why a request was refused or a connection cut. The set is closed and the names are stable: they are what stands in
 * {@code bowstring.error}. {@code docs/reference/error-codes.md} says what a client should do about each.
 *
 * <p>Immutable.
 */
public enum ErrorCode {
    /** The request's keys or values are wrong. Correct the request. */
    BAD_REQUEST,
    /** The bytes are not an Arrow IPC stream, or end inside a message. Correct the writer. */
    BAD_STREAM,
    /** A length or count is above the server's limit. Send smaller batches, or raise the limit. */
    TOO_LARGE,
    /** Valid Arrow that the server does not carry. Convert the data. */
    UNSUPPORTED,
    /** The topic does not exist and the request cannot wait for it. Publish first. */
    UNKNOWN_TOPIC,
    /** The name is not a topic name. Choose another. */
    BAD_TOPIC_NAME,
    /** The fields differ from the topic's. Publish with the topic's fields, or to another topic. */
    SCHEMA_MISMATCH,
    /** The topic is complete. Publish to another. */
    TOPIC_SEALED,
    /** A newer connection publishes under the same producer id. Stop where that is another program: it continues. */
    FENCED,
    /** The offset is no longer retained. Subscribe from a later one, or from {@code earliest}. */
    OFFSET_EXPIRED,
    /** The subscriber fell out of the retained window. Subscribe again, from {@code earliest} to miss the least. */
    LAGGED,
    /** Credentials are missing or wrong. Send valid ones, or none to a server that knows none. */
    UNAUTHENTICATED,
    /** The credentials do not allow this. Ask for the right. */
    FORBIDDEN,
    /** The server is at one of its limits. Try again later. */
    LIMIT_REACHED,
    /** The peer takes too long over a request, a message, or what it is sent. Send and take without long pauses. */
    TOO_SLOW,
    /** There is no memory for what was sent, or no room on the topic's disk. Try again later. */
    STORAGE_FULL,
    /** The topic's disk has failed: until the server starts again it can only be read. Publish elsewhere; call the operator. */
    STORAGE_FAILED,
    /** The server is stopping. Connect again later. */
    SHUTTING_DOWN,
    /** A fault of the server. Report it. */
    INTERNAL;

    /** Returns what a violation found by the codec is called in the protocol. */
    public static ErrorCode of(IpcErrorCode code) {
        return switch (code) {
            case NOT_ARROW, MALFORMED, OUT_OF_ORDER, TRUNCATED -> BAD_STREAM;
            case TOO_LARGE -> TOO_LARGE;
            case UNSUPPORTED -> UNSUPPORTED;
        };
    }
}
