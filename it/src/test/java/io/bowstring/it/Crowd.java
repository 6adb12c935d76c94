package io.bowstring.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The connections of one attack, which come from addresses of its own. Confined to the attacker's thread. */
final class Crowd implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    /** A crowd comes little by little, so that the machine has time for others. */
    private static final int MAX_CONNECTS_PER_STEP = 10;

    private final InetSocketAddress server;
    private final int network;
    private final ByteBuffer received = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final List<Stranger> strangers = new ArrayList<>();
    private final Traffic traffic = new Traffic();

    /**
     * Creates a crowd of nobody.
     *
     * @param network 1 to 254: its addresses are 127.network.0.1 and so on
     */
    Crowd(InetSocketAddress server, int network) {
        this.server = server;
        this.network = network;
    }

    /** Returns a new connection from one of 250 addresses; it is the crowd's. */
    Stranger connect(int host) throws IOException {
        InetSocketAddress from = new InetSocketAddress("127." + network + ".0." + (1 + host % 250), 0);
        Stranger stranger = new Stranger(from, server, received, traffic);
        strangers.add(stranger);
        return stranger;
    }

    /** Brings the crowd to a size, some at a time; those whom the server has ended make room for others. */
    void keep(int size, Consumer<Stranger> begin) throws IOException {
        strangers.removeIf(stranger -> !stranger.isOpen());
        for (int i = 0; i < MAX_CONNECTS_PER_STEP && strangers.size() < size; i++) {
            begin.accept(connect(0));
        }
    }

    /** Returns those who are there, and some who have just left. */
    List<Stranger> strangers() {
        return strangers;
    }

    /** All send what their sockets take. */
    void flush() {
        strangers.forEach(Stranger::flush);
    }

    /** All read. */
    void receive(int maxBytesEach) {
        strangers.forEach(stranger -> stranger.receive(maxBytesEach));
    }

    Traffic traffic() {
        return traffic;
    }

    @Override
    public void close() {
        strangers.forEach(Stranger::close);
        strangers.clear();
    }
}
