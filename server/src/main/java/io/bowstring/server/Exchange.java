package io.bowstring.server;

import io.bowstring.codec.IpcMessage;
import io.bowstring.protocol.ProtocolException;

/**
 * One request of a connection and its reply. Confined to the channel's event loop.
 */
sealed interface Exchange permits PublishExchange, SubscribeExchange, ListExchange, DeleteExchange {
    /** A dictionary batch or record batch of the request's stream has come; consumed. */
    void onMessage(IpcMessage message);

    /** The request's stream has ended with its marker. */
    void onRequestEnd();

    /** No more input will come, by half-close, and the request's stream has not ended with its marker. */
    void onInputEnd();

    /** The input is broken; the reply ends in the way that fits what has been sent of it. */
    void onBroken(ProtocolException reason);

    /** The channel is writable again. */
    void onWritable();

    /** The connection is gone. */
    void onGone();
}
