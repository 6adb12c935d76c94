package io.bowstring.protocol;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import java.util.Map;

/**
 * What a client asks for: the {@code bowstring.*} entries in the metadata of a schema. Immutable.
 */
public sealed interface Request permits PublishRequest, SubscribeRequest, ListRequest, DeleteRequest {
    /** Returns the request's metadata entries, in order. */
    Map<String, String> toMetadata();

    /** Returns the edit that makes any schema a request: the protocol's entries go, those of this request come. */
    default IpcMetadataEdit toEdit() {
        return new IpcMetadataEdit(Keys.PREFIX, toMetadata());
    }

    /**
     * Reads the request that a schema carries.
     *
     * @param schema the first message of a stream; borrowed
     * @throws ProtocolException {@code UNAUTHENTICATED} where there is a token: nobody knows yet what it would allow, and a
     *     request that has one does not mean to be served without; {@code BAD_REQUEST} where there is no verb or more than
     *     one, a key that is unknown or does not go with the verb, a value that is wrong, or fields where there must be
     *     none; {@code TOO_LARGE} where a request without data is longer than 256 KiB; {@code BAD_TOPIC_NAME}
     */
    static Request parse(IpcSchema schema) {
        return Requests.parse(schema);
    }
}
