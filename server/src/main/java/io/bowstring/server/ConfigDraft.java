package io.bowstring.server;

import io.bowstring.broker.BlockLimits;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableOverride;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.broker.PublisherLimits;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicLimits;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import io.bowstring.codec.IpcLimits;
import java.util.List;
import java.util.Set;

/** The settings while they are read: the defaults, in which each {@link ConfigKey} sets its part. Confined to one thread. */
final class ConfigDraft {
    /** The host, the port and the other settings that belong to no group. */
    ServerConfig server = ServerConfig.DEFAULTS;

    ConnectionLimits connections = ConnectionLimits.DEFAULTS;
    ConnectionCounts counts = ConnectionCounts.DEFAULTS;
    MinRate minRate = MinRate.DEFAULTS;
    IpcLimits limits = IpcLimits.DEFAULTS;
    TopicConfig topic = TopicConfig.DEFAULTS;
    DurableConfig durable = DurableConfig.DEFAULTS;
    StorageConfig storage = StorageConfig.DEFAULTS;
    TopicLimits topics = TopicLimits.DEFAULTS;
    PublisherLimits publishers = PublisherLimits.DEFAULTS;
    BlockLimits blocking = BlockLimits.DEFAULTS;
    MemoryConfig memory = MemoryConfig.DEFAULTS;
    List<TopicPattern> names = BrokerConfig.DEFAULTS.names();

    ServerConfig toConfig(List<TopicOverride> overrides) {
        return server.withConnections(connections.withCounts(counts).withMinRate(minRate))
                .withLimits(limits)
                .withStorage(storage)
                .withBroker(new BrokerConfig(
                        topic.withDurable(durable), overrides, names, topics, publishers, blocking, memory));
    }

    /**
     * Returns what is set here for some topics.
     *
     * @param given what has been set; all else stays as it is for the others
     */
    TopicOverride toOverride(TopicPattern pattern, Set<ConfigKey> given) {
        return new TopicOverride(
                pattern,
                given.contains(ConfigKey.TOPIC_WINDOW) ? topic.windowBytes() : null,
                given.contains(ConfigKey.TOPIC_BATCHES) ? topic.windowBatches() : null,
                given.contains(ConfigKey.TOPIC_AGE) ? topic.windowAge() : null,
                new DurableOverride(
                        given.contains(ConfigKey.STORAGE) ? durable.isDurable() : null,
                        given.contains(ConfigKey.SYNC) ? durable.sync() : null,
                        given.contains(ConfigKey.RETAIN_BYTES) ? durable.retainedBytes() : null,
                        given.contains(ConfigKey.RETAIN_AGE) ? durable.retainedAge() : null));
    }
}
