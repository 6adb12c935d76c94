package io.bowstring.client;

import io.bowstring.codec.IpcMessage;

/** The owner of a {@link Link}, which hears of its connection. All methods run on the link's event loop. */
interface LinkOwner {
    /** There is a connection: the first, or a new one in place of one that was lost. */
    void onConnected();

    /** A message has come, <i>owned</i>. */
    void onMessage(IpcMessage message);

    /** More may be written, or less. */
    void onWritabilityChanged();

    /** Returns why a connection is lost, where the owner knows better. */
    default ClientException reason(ClientException lost) {
        return lost;
    }

    /** There will be no more connections, and the link is closed. */
    void onFailed(ClientException reason);
}
