package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Sends the batches of a {@code DoPut} to the {@code DoGet}s of its topic that came before it. It waits for the callback of a
 * client that is not ready.
 *
 * <p>Thread-safe. Owns its server and its memory.
 */
final class FlightRelay extends NoOpFlightProducer implements Relay {
    /** A client, and a permit whenever it may have become ready. */
    private record Subscriber(ServerStreamListener listener, Semaphore ready) {
        void awaitReady() throws InterruptedException {
            while (!listener.isReady() && !listener.isCancelled()) {
                ready.acquire();
                ready.drainPermits();
            }
        }
    }

    private final BufferAllocator allocator = new RootAllocator();
    private final FlightServer server;

    /** The subscribers that wait for a publisher, by topic. The ticket of a {@code DoGet} is the name of its topic. */
    private final Map<String, List<Subscriber>> waiting = new HashMap<>();

    FlightRelay() throws IOException {
        server = FlightServer.builder(allocator, Location.forGrpcInsecure("127.0.0.1", 0), this)
                .build()
                .start();
    }

    @Override
    public int port() {
        return server.getPort();
    }

    @Override
    public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
        Semaphore ready = new Semaphore(0);
        listener.setOnReadyHandler(ready::release);
        listener.setOnCancelHandler(ready::release);
        listener.setUseZeroCopy(true);
        synchronized (waiting) {
            String topic = new String(ticket.getBytes(), StandardCharsets.UTF_8);
            waiting.computeIfAbsent(topic, absent -> new ArrayList<>()).add(new Subscriber(listener, ready));
            waiting.notifyAll();
        }
    }

    @Override
    public Runnable acceptPut(CallContext context, FlightStream published, StreamListener<PutResult> answer) {
        return () -> {
            try {
                List<String> path = published.getDescriptor().getPath();
                relay(published, takeSubscribers(path.get(0), Integer.parseInt(path.get(1))));
                answer.onCompleted();
            } catch (InterruptedException e) {
                answer.onError(CallStatus.CANCELLED.withCause(e).toRuntimeException());
            }
        };
    }

    private List<Subscriber> takeSubscribers(String topic, int count) throws InterruptedException {
        synchronized (waiting) {
            while (waiting.getOrDefault(topic, List.of()).size() < count) {
                waiting.wait();
            }
            return Objects.requireNonNull(waiting.remove(topic));
        }
    }

    private static void relay(FlightStream published, List<Subscriber> subscribers) throws InterruptedException {
        for (Subscriber subscriber : subscribers) {
            subscriber.listener.start(published.getRoot());
        }
        while (published.next()) {
            for (Subscriber subscriber : subscribers) {
                subscriber.awaitReady();
                subscriber.listener.putNext();
            }
        }
        for (Subscriber subscriber : subscribers) {
            subscriber.listener.completed();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        allocator.close();
    }
}
