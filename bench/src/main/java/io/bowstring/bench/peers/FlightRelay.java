package io.bowstring.bench.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
 * Passes on the batches of one {@code DoPut} to the {@code DoGet}s that came before it, as many as the first part of its
 * path says, and puts nothing to a client that is not ready: it waits for the callback.
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
    private final List<Subscriber> waiting = new ArrayList<>();

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
            waiting.add(new Subscriber(listener, ready));
            waiting.notifyAll();
        }
    }

    @Override
    public Runnable acceptPut(CallContext context, FlightStream published, StreamListener<PutResult> answer) {
        return () -> {
            try {
                int count = Integer.parseInt(published.getDescriptor().getPath().get(0));
                relay(published, takeSubscribers(count));
                answer.onCompleted();
            } catch (InterruptedException e) {
                answer.onError(CallStatus.CANCELLED.withCause(e).toRuntimeException());
            }
        };
    }

    private List<Subscriber> takeSubscribers(int count) throws InterruptedException {
        synchronized (waiting) {
            while (waiting.size() < count) {
                waiting.wait();
            }
            List<Subscriber> taken = List.copyOf(waiting);
            waiting.clear();
            return taken;
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
