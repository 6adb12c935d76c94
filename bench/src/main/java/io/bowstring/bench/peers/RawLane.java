package io.bowstring.bench.peers;

import io.netty.channel.Channel;

/** Bytes from one socket to others, whatever they are: the ceiling. Immutable. */
final class RawLane implements JavaLane {
    @Override
    public String name() {
        return Lanes.RAW;
    }

    @Override
    public String version(Programs programs) {
        return "Netty " + Programs.versionOf(Channel.class);
    }

    @Override
    public Relay relay() throws InterruptedException {
        return new RawRelay();
    }

    @Override
    public Parties parties(int port) {
        return new SocketParties(port, SocketRequests.RAW);
    }
}
