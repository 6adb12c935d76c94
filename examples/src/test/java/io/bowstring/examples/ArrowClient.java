package io.bowstring.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;

/** A connection of stock arrow-java. Confined to the test's thread. */
final class ArrowClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;

    ArrowClient(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    Socket socket() {
        return socket;
    }

    void send(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    /** Returns the column of each batch of the next stream. */
    List<List<Integer>> receive() throws IOException {
        List<List<Integer>> batches = new ArrayList<>();
        try (BufferAllocator allocator = new RootAllocator()) {
            ArrowStreamReader reader = new ArrowStreamReader(socket.getInputStream(), allocator);
            while (reader.loadNextBatch()) {
                batches.add(column(reader.getVectorSchemaRoot()));
            }
            reader.close(false);
        }
        return batches;
    }

    static List<Integer> column(VectorSchemaRoot batch) {
        IntVector column = (IntVector) batch.getVector(0);
        List<Integer> values = new ArrayList<>();
        for (int row = 0; row < batch.getRowCount(); row++) {
            values.add(column.get(row));
        }
        return values;
    }

    /** Returns a stream of one column; each batch has the numbers from 0 up to its count. */
    static byte[] stream(Map<String, String> metadata, int... counts) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (BufferAllocator allocator = new RootAllocator();
                IntVector column = new IntVector("n", allocator)) {
            Schema schema = new Schema(List.of(column.getField()), metadata);
            VectorSchemaRoot root = new VectorSchemaRoot(schema, List.of(column), 0);
            try (ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(stream))) {
                for (int count : counts) {
                    for (int row = 0; row < count; row++) {
                        column.setSafe(row, row);
                    }
                    root.setRowCount(count);
                    writer.writeBatch();
                }
            }
        }
        return stream.toByteArray();
    }

    /** Returns a stream without columns and batches. */
    static byte[] request(Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        VectorSchemaRoot root = new VectorSchemaRoot(new Schema(List.of(), metadata), List.of(), 0);
        try (ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(stream))) {
            writer.start();
        }
        return stream.toByteArray();
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
