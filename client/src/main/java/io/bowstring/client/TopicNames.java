package io.bowstring.client;

import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;

/** Checks the names of topics that a program gives, before anything is sent. Not instantiable. */
final class TopicNames {
    private TopicNames() {}

    /**
     * Returns the name that a text is.
     *
     * @throws RefusedException {@code BAD_TOPIC_NAME}, as the server would say it
     */
    static TopicName parse(String topic) {
        try {
            return new TopicName(topic);
        } catch (ProtocolException e) {
            throw new RefusedException(e);
        }
    }
}
