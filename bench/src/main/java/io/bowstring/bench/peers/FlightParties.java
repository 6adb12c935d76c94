package io.bowstring.bench.peers;

import io.bowstring.bench.Columns;
import io.bowstring.bench.Streams;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightClient.ClientStreamListener;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** Vectors on a Flight relay by arrow-java's client, each party on a connection of its own. */
@SuppressWarnings("try") // that closing Flight's own classes can be interrupted
final class FlightParties implements Parties {
    /** The pause before a client that is not ready is asked again. The library itself asks without a pause. */
    private static final long POLL_NANOS = 20_000;

    private final BufferAllocator allocator = new RootAllocator();
    private final Location location;

    FlightParties(int port) {
        location = Location.forGrpcInsecure("127.0.0.1", port);
    }

    @Override
    public Publishing publish(Turn turn, int topic) {
        FlightClient client = client();
        Columns columns = new Columns(Streams.rows(turn.shape().bodyBytes()), allocator);
        AsyncPutListener answers = new AsyncPutListener();
        FlightDescriptor path = FlightDescriptor.path(
                String.valueOf(topic), String.valueOf(turn.shape().subscribers()));
        ClientStreamListener put = client.startPut(path, columns.filled(), answers);
        put.setUseZeroCopy(true); // the memory is never written to again
        return new Publishing() {
            @Override
            public void send(int batches) {
                for (int i = 0; i < batches; i++) {
                    while (!put.isReady()) {
                        LockSupport.parkNanos(POLL_NANOS);
                        if (Thread.currentThread().isInterrupted()) {
                            throw new IllegalStateException("interrupted");
                        }
                    }
                    columns.next();
                    put.putNext();
                }
            }

            @Override
            public void finish() {
                put.completed();
                put.getResult();
            }

            @Override
            public void close() {
                try {
                    client.close();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                columns.close();
            }
        };
    }

    @Override
    public void receive(int topic, Receiving subscriber) throws Exception {
        try (FlightClient client = client();
                FlightStream stream =
                        client.getStream(new Ticket(String.valueOf(topic).getBytes(StandardCharsets.UTF_8)))) {
            stream.getSchema();
            subscriber.begun();
            while (stream.next()) {
                subscriber.batch(stream.getRoot().getRowCount() * Streams.ROW_BYTES);
            }
        }
    }

    private FlightClient client() {
        return FlightClient.builder(allocator, location).build();
    }

    @Override
    public void close() {
        allocator.close();
    }
}
