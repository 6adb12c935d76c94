package io.bowstring.client;

import io.bowstring.codec.IpcMessage;

/** Takes the messages of one reply, over however many connections it came: on an event loop, or wherever is said. */
interface MessageSink {
    /** The schema, once and first, or a dictionary or record batch; <i>owned</i>. */
    void onMessage(IpcMessage message);

    /** The reply is complete. */
    void onEnd();

    /** There is no more to come. */
    void onFailed(ClientException reason);
}
