package io.bowstring.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Who connects, as far as limits tell peers apart: an IPv4 address, or the first 64 bits of an IPv6 address, of which one
 * machine has all the others. Immutable.
 *
 * @param isIpv6 which of the two
 * @param bits the address, or its beginning
 */
record ConnectionSource(boolean isIpv6, long bits) {
    static ConnectionSource of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address
                ? new ConnectionSource(true, bytes.getLong())
                : new ConnectionSource(false, bytes.getInt());
    }
}
