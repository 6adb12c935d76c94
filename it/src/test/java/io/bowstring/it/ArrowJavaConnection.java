package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.channels.Channels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A connection as a user of stock arrow-java writes it by hand. Nothing of Bowstring's own is used.
 *
 * <p>Confined to the test's thread.
 */
final class ArrowJavaConnection implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final BufferAllocator allocator;

    ArrowJavaConnection(int port, BufferAllocator allocator) throws IOException {
        this.socket = new Socket("localhost", port);
        this.allocator = allocator;
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    /**
     * Begins to publish, with acknowledgements.
     *
     * @param table its batches are written when the caller says so; remains the caller's
     */
    ArrowStreamWriter publish(String topic, VectorSchemaRoot table, DictionaryProvider dictionaries, CodecType codec)
            throws IOException {
        Schema schema = table.getSchema();
        Map<String, String> metadata = new LinkedHashMap<>(schema.getCustomMetadata());
        metadata.put("bowstring.publish", topic);
        metadata.put("bowstring.ack", "true");
        Schema request = new Schema(schema.getFields(), metadata);
        return writer(new VectorSchemaRoot(request, table.getFieldVectors(), table.getRowCount()), dictionaries, codec);
    }

    /**
     * Begins a request. A writer's {@code end()} keeps its copies of dictionaries and its {@code close()} closes the
     * stream that it writes to, so that stream is not the socket's own.
     */
    ArrowStreamWriter writer(VectorSchemaRoot request, DictionaryProvider dictionaries, CodecType codec)
            throws IOException {
        return new ArrowStreamWriter(
                request,
                dictionaries,
                Channels.newChannel(new Unclosed(socket.getOutputStream())),
                IpcOption.DEFAULT,
                codec == CodecType.NO_COMPRESSION
                        ? NoCompressionCodec.Factory.INSTANCE
                        : CommonsCompressionFactory.INSTANCE,
                codec);
    }

    /** Ends a publication and waits until the topic has its batches. */
    void finish(ArrowStreamWriter writer, int batches) throws IOException {
        writer.close();
        ArrowStreamReader reader = reply();
        long acknowledged = 0;
        while (reader.loadNextBatch()) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            assertThat(root.getVector("error").isNull(0))
                    .as(root.contentToTSVString())
                    .isTrue();
            acknowledged = ((BigIntVector) root.getVector("batches")).get(0);
        }
        reader.close(false);
        assertThat(acknowledged).isEqualTo(batches);
    }

    /** Sends a request without columns. */
    ArrowStreamReader request(Map<String, String> metadata) throws IOException {
        VectorSchemaRoot request = new VectorSchemaRoot(new Schema(List.of(), metadata), List.of(), 0);
        writer(request, new DictionaryProvider.MapDictionaryProvider(), CodecType.NO_COMPRESSION)
                .close();
        return reply();
    }

    /** Asks for what a topic holds now. */
    ArrowStreamReader replay(String topic) throws IOException {
        return request(Map.of("bowstring.subscribe", topic, "bowstring.from", "earliest", "bowstring.until", "end"));
    }

    /** Returns a reader of the next reply; {@code close(false)} keeps the connection. */
    private ArrowStreamReader reply() throws IOException {
        return new ArrowStreamReader(
                Channels.newChannel(socket.getInputStream()), allocator, CommonsCompressionFactory.INSTANCE);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** An output stream whose {@code close()} only flushes. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
