package io.bowstring.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightClient.ClientStreamListener;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** A load on a {@link FlightRelay} by Arrow's own client, each party on a connection of its own. */
@SuppressWarnings("try") // that closing Flight's own classes can be interrupted
final class FlightLoad implements RelayLoad {
    /** How often a client that is not ready is asked again: the library's own way is to ask without a pause. */
    private static final long POLL_NANOS = 20_000;

    private final BufferAllocator allocator = new RootAllocator();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Location location;

    FlightLoad(int port) {
        location = Location.forGrpcInsecure("127.0.0.1", port);
    }

    @Override
    public double run(int bodyBytes, int count, int subscribers) throws Exception {
        CountDownLatch begun = new CountDownLatch(subscribers);
        List<Future<Long>> rows = new ArrayList<>();
        for (int i = 0; i < subscribers; i++) {
            rows.add(threads.submit(() -> countRows(begun)));
        }
        int batchRows = Streams.rows(bodyBytes);
        long start;
        try (FlightClient client = client();
                VectorSchemaRoot root = root(batchRows)) {
            AsyncPutListener answers = new AsyncPutListener();
            FlightDescriptor path = FlightDescriptor.path(String.valueOf(subscribers));
            ClientStreamListener put = client.startPut(path, root, answers);
            begun.await();
            start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                while (!put.isReady()) {
                    LockSupport.parkNanos(POLL_NANOS);
                }
                put.putNext();
            }
            put.completed();
            put.getResult();
            for (Future<Long> counted : rows) {
                if (counted.get() != (long) batchRows * count) {
                    throw new IllegalStateException("rows: " + counted.get() + " (expected: all)");
                }
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private long countRows(CountDownLatch begun) throws Exception {
        long rows = 0;
        try (FlightClient client = client();
                FlightStream stream = client.getStream(new Ticket(new byte[0]))) {
            stream.getSchema();
            begun.countDown();
            while (stream.next()) {
                rows += stream.getRoot().getRowCount();
            }
        }
        return rows;
    }

    private FlightClient client() {
        return FlightClient.builder(allocator, location).build();
    }

    private VectorSchemaRoot root(int rows) {
        List<FieldVector> columns = IntStream.range(0, Streams.COLUMNS)
                .<FieldVector>mapToObj(i -> column("column" + i, rows))
                .toList();
        return new VectorSchemaRoot(columns);
    }

    private BigIntVector column(String name, int rows) {
        BigIntVector column = new BigIntVector(name, allocator);
        column.allocateNew(rows);
        for (int row = 0; row < rows; row++) {
            column.set(row, row);
        }
        column.setValueCount(rows);
        return column;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        allocator.close();
    }
}
