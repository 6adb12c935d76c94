package io.bowstring.cli;

import io.bowstring.client.ClientException;
import io.bowstring.client.ClientListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells people on standard error what happens to a subscription while its output continues. Confined to one event loop. */
final class ConnectionNotes implements ClientListener {
    private final StandardStreams streams;
    private boolean isLost;

    ConnectionNotes(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public void onLost(String connection, ClientException reason, Duration retryIn) {
        if (!isLost) { // and not at each attempt
            isLost = true;
            say(connection + ": " + reason.getMessage() + "; connecting again");
        }
    }

    @Override
    public void onRestored(String connection) {
        isLost = false;
        say(connection + ": continues");
    }

    @Override
    public void onNewLog(String connection, String log) {
        say(connection
                + ": the topic has begun again, as after a restart of the server; its earliest batch comes next");
    }

    @Override
    public void onWaiting(String connection, @Nullable String nearest) {
        say(connection + ": there is no such topic yet, waiting for its first publisher"
                + (nearest == null ? "" : " (the nearest topic is " + nearest + ")"));
    }

    private void say(String note) {
        streams.say("bowstring: " + note);
    }
}
