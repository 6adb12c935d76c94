package io.bowstring.broker;

import io.netty.util.internal.PlatformDependent;

/**
 * How much memory a broker may use. Immutable.
 *
 * @param memoryBytes what all topics hold, all publishers have in flight and all peers make the server keep, in bytes; at
 *     75 % windows shrink, at 85 % publishers pause, at 95 % nobody new should come
 * @param maxConnectionBytes what one connection may make the server keep that nobody can evict, in bytes
 * @param maxTopicBytes what one topic may make the server keep beside its log, in bytes
 */
public record MemoryConfig(long memoryBytes, long maxConnectionBytes, long maxTopicBytes) {
    /** 60 % of the direct memory that the JVM may use, of which a connection and a topic may keep 32 MiB each. */
    public static final MemoryConfig DEFAULTS = new MemoryConfig(directMemory(60), 32L << 20, 32L << 20);

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if a component is not positive
     */
    public MemoryConfig {
        Ranges.requirePositive("memoryBytes", memoryBytes);
        Ranges.requirePositive("maxConnectionBytes", maxConnectionBytes);
        Ranges.requirePositive("maxTopicBytes", maxTopicBytes);
    }

    /** Returns this configuration with another limit for all together. */
    public MemoryConfig withMemoryBytes(long bytes) {
        return new MemoryConfig(bytes, maxConnectionBytes, maxTopicBytes);
    }

    /** Returns this configuration with another share of one connection. */
    public MemoryConfig withMaxConnectionBytes(long bytes) {
        return new MemoryConfig(memoryBytes, bytes, maxTopicBytes);
    }

    /** Returns this configuration with another share of one topic. */
    public MemoryConfig withMaxTopicBytes(long bytes) {
        return new MemoryConfig(memoryBytes, maxConnectionBytes, bytes);
    }

    /** Returns so many hundredths of the direct memory that the JVM may use, in bytes. */
    public static long directMemory(int percent) {
        return PlatformDependent.maxDirectMemory() / 100 * percent;
    }
}
