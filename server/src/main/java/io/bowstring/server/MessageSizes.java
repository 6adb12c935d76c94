package io.bowstring.server;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/**
 * Counts what waits in a socket's queue. A part of a file counts by its bytes: it takes no memory, but a peer that does not take it
 * would otherwise seem to have taken all. Immutable.
 */
final class MessageSizes implements MessageSizeEstimator {
    private final Handle others = DefaultMessageSizeEstimator.DEFAULT.newHandle();

    @Override
    public Handle newHandle() {
        return message -> message instanceof FileRegion region
                ? (int) Math.min(Integer.MAX_VALUE, region.count())
                : others.size(message);
    }
}
