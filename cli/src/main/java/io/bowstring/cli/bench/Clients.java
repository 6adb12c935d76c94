package io.bowstring.cli.bench;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientException;
import java.util.ArrayList;
import java.util.List;

/**
 * The clients of one half of a load, each with an event loop: as many as half of the processors, so that one loop is not the limit
 * of all. Confined to one thread.
 */
final class Clients implements AutoCloseable {
    private final List<Client> clients = new ArrayList<>();

    /** Connects as many as so many publishers or subscribers need; blocks. */
    static Clients connect(ClientConfig config, int users) throws InterruptedException {
        int processors = Runtime.getRuntime().availableProcessors();
        int count = Math.min(users, Math.max(1, processors / 2));
        Clients connected = new Clients();
        try {
            while (connected.clients.size() < count) {
                connected.clients.add(Client.connect(config));
            }
            return connected;
        } catch (InterruptedException | RuntimeException e) {
            connected.close();
            throw e;
        }
    }

    /** Returns the client of a publisher or subscriber; borrowed. */
    Client of(int user) {
        return clients.get(user % clients.size());
    }

    @Override
    public void close() {
        for (Client client : clients) {
            try {
                client.close();
            } catch (ClientException e) {
                // What has not been acknowledged has made the run fail, or nobody wants to know.
            }
        }
    }
}
