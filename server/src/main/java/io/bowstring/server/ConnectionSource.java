package io.bowstring.server;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Who connects, as far as limits tell peers apart: an IPv4 address, or the first 64 bits of an IPv6 address, of which one
 * machine has all the others, or that there is no address. Immutable.
 *
 * @param kind which of them
 * @param bits the address, or its beginning
 */
record ConnectionSource(Kind kind, long bits) {
    enum Kind {
        IPV4,
        IPV6,
        NONE
    }

    /** Stands for all that have no address: those of a Unix domain socket, and those that have gone already. */
    static final ConnectionSource NO_ADDRESS = new ConnectionSource(Kind.NONE, 0);

    static ConnectionSource of(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress remote ? of(remote.getAddress()) : NO_ADDRESS;
    }

    static ConnectionSource of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address
                ? new ConnectionSource(Kind.IPV6, bytes.getLong())
                : new ConnectionSource(Kind.IPV4, bytes.getInt());
    }
}
