package io.bowstring.broker;

import io.bowstring.protocol.TopicName;
import java.io.IOException;
import java.util.List;

/** Where topics are kept beyond the life of a broker. Thread-safe. */
public interface TopicStorage {
    /**
     * Returns the names of the topics that are kept. Blocks; called once, before any is opened.
     *
     * @throws IOException where that cannot be found out
     */
    List<TopicName> names() throws IOException;

    /**
     * Returns the log of a topic, which is to be {@linkplain DurableLog#open opened}. Does not block.
     *
     * @param config what is kept of it
     * @param maxProducers of how many producers of each kind it keeps how far they have come, at most
     * @param owner hears of it once it is opened
     */
    DurableLog newLog(TopicName name, DurableConfig config, int maxProducers, DurableLog.Owner owner);
}
