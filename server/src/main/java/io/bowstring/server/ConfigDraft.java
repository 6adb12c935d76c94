package io.bowstring.server;

import io.bowstring.broker.BlockLimits;
import io.bowstring.broker.BrokerConfig;
import io.bowstring.broker.MemoryConfig;
import io.bowstring.broker.PublisherLimits;
import io.bowstring.broker.TopicConfig;
import io.bowstring.broker.TopicLimits;
import io.bowstring.broker.TopicOverride;
import io.bowstring.broker.TopicPattern;
import io.bowstring.codec.IpcLimits;
import java.util.List;

/** The settings while they are read: the defaults, in which each {@link ConfigKey} sets its part. Confined to one thread. */
final class ConfigDraft {
    /** The host, the port and the other settings that belong to no group. */
    ServerConfig server = ServerConfig.DEFAULTS;

    ConnectionLimits connections = ConnectionLimits.DEFAULTS;
    ConnectionCounts counts = ConnectionCounts.DEFAULTS;
    MinRate minRate = MinRate.DEFAULTS;
    IpcLimits limits = IpcLimits.DEFAULTS;
    TopicConfig topic = TopicConfig.DEFAULTS;
    TopicLimits topics = TopicLimits.DEFAULTS;
    PublisherLimits publishers = PublisherLimits.DEFAULTS;
    BlockLimits blocking = BlockLimits.DEFAULTS;
    MemoryConfig memory = MemoryConfig.DEFAULTS;
    List<TopicPattern> names = BrokerConfig.DEFAULTS.names();

    ServerConfig toConfig(List<TopicOverride> overrides) {
        return server.withConnections(connections.withCounts(counts).withMinRate(minRate))
                .withLimits(limits)
                .withBroker(new BrokerConfig(topic, overrides, names, topics, publishers, blocking, memory));
    }
}
