package io.bowstring.client;

import io.bowstring.codec.IpcMessage;

/** Takes the messages of one reply, over however many connections it came: on an event loop, or wherever is said. */
interface MessageSink {
    /**
     * Takes the schema, once and first, or a dictionary or record batch.
     *
     * @param message consumed; where this throws, it counts as never given, and is given again by the next connection
     */
    void onMessage(IpcMessage message);

    /** The reply is complete. */
    void onEnd();

    /** There is no more to come. */
    void onFailed(ClientException reason);
}
