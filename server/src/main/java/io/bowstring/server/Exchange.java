package io.bowstring.server;

import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.ProtocolException;

/**
 * One request of a connection and its reply. What stands here is right for a request that is all in its schema, and for a
 * reply that is not written bit by bit. Confined to the channel's event loop.
 */
sealed interface Exchange permits PublishExchange, SubscribeExchange, ListExchange, DeleteExchange {
    /** A dictionary batch or record batch of the request's stream has come; consumed. */
    default void onMessage(IpcMessage message) {
        message.release(); // batches of a stream without columns say nothing
    }

    /** Record batches of the request's stream have come; consumed. */
    default void onBatches(IpcRecordBatchRun run) {
        run.release();
    }

    /** The request's stream has ended with its marker. */
    default void onRequestEnd() {}

    /** No more input will come, by half-close, and the request's stream has not ended with its marker. */
    default void onInputEnd() {}

    /** The input is broken, or the reply; it ends in the way that fits what has been sent of it. */
    void onBroken(ProtocolException reason);

    /** The channel is writable again. */
    default void onWritable() {}

    /** The connection is gone. */
    void onGone();
}
