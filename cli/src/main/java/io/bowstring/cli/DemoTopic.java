package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ClientException;
import io.bowstring.client.Publisher;
import io.bowstring.client.PublisherConfig;
import io.bowstring.client.ServerAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the topic {@code demo}, prices that nobody pays, for as long as it is open. Owns a thread, a daemon named
 * {@code bowstring-demo}. Thread-safe.
 */
final class DemoTopic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemoTopic.class);
    private static final PublisherConfig CONFIG = PublisherConfig.of("demo");
    private static final long INTERVAL_MILLIS = 200;

    private final Thread thread;

    private DemoTopic(ServerAddress server) {
        thread = new Thread(() -> run(server), "bowstring-demo");
        thread.setDaemon(true);
    }

    static DemoTopic start(ServerAddress server) {
        DemoTopic demo = new DemoTopic(server);
        demo.thread.start();
        return demo;
    }

    private static void run(ServerAddress server) {
        try (DemoPrices prices = new DemoPrices(new Random());
                Client client = Client.connect(ClientConfig.of(server));
                Publisher publisher = client.publisher(CONFIG, prices.schema(), prices.dictionaries())) {
            while (true) {
                publisher.publish(prices.next());
                TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            LOG.debug("demo stopped");
        } catch (ClientException e) {
            LOG.warn("demo stopped: {}", e.getMessage());
        }
    }

    /** Stops publishing; the topic stays. Waits until it has ended. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
