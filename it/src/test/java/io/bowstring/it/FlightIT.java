package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.bowstring.flight.FlightData;
import io.bowstring.flight.FlightDataDecoder;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Arrow's own Flight server and client on one end, gRPC with our codec on the other. */
@ExtendWith(LeakDetection.class)
@SuppressWarnings("try") // that closing Flight's own classes can be interrupted
class FlightIT {
    /** Rows of the batches: none, few, and a body of more than one frame of HTTP/2. */
    private static final int[] ROWS = {3, 0, 100_000};

    private static final ByteBufAllocator BUFFERS = PooledByteBufAllocator.DEFAULT;
    private static final DictionaryEncoding ENCODING =
            new DictionaryEncoding(4_711, false, new ArrowType.Int(32, true));

    private final BufferAllocator allocator = new RootAllocator();
    private VarCharVector words;
    private DictionaryProvider dictionaries;
    private VectorSchemaRoot table;

    @BeforeEach
    void createTable() {
        words = new VarCharVector("words", allocator);
        words.setSafe(0, "zero".getBytes(StandardCharsets.UTF_8));
        words.setSafe(1, "one".getBytes(StandardCharsets.UTF_8));
        words.setValueCount(2);
        dictionaries = new MapDictionaryProvider(new Dictionary(words, ENCODING));
        table = VectorSchemaRoot.of(
                new BigIntVector("n", allocator),
                new IntVector("word", new FieldType(true, new ArrowType.Int(32, true), ENCODING), allocator));
    }

    @AfterEach
    void closeTable() {
        table.close();
        words.close();
        allocator.close(); // throws where a buffer is left
    }

    @Test
    void decodesWhatFlightServerSends() throws Exception {
        List<byte[]> protobufs = new ArrayList<>();
        try (FlightServer server = FlightServer.builder(
                        allocator, Location.forGrpcInsecure("localhost", 0), new Tables())
                .build()
                .start()) {
            ManagedChannel channel = ManagedChannelBuilder.forAddress("localhost", server.getPort())
                    .usePlaintext()
                    .build();
            byte[] ticket = new Ticket(new byte[] {1}).serialize().array();
            ClientCalls.blockingServerStreamingCall(channel, PlainFlight.DO_GET, CallOptions.DEFAULT, ticket)
                    .forEachRemaining(protobufs::add);
            channel.shutdown();
            assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }

        List<String> appMetadata = new ArrayList<>();
        assertTable(stream(protobufs, new ArrayList<>(), appMetadata));
        assertThat(appMetadata).containsExactly("", "", "3 rows", "0 rows", "100000 rows");
    }

    @Test
    void encodesWhatFlightClientReads() throws Exception {
        List<byte[]> protobufs = protobufs(written());
        Server server = ServerBuilder.forPort(0)
                .addService(ServerServiceDefinition.builder(PlainFlight.SERVICE)
                        .addMethod(PlainFlight.DO_GET, ServerCalls.asyncServerStreamingCall((ticket, reply) -> {
                            protobufs.forEach(reply::onNext);
                            reply.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        try (FlightClient client = client(server);
                FlightStream stream = client.getStream(new Ticket(new byte[0]))) {
            for (int batch = 0; batch < ROWS.length; batch++) {
                assertThat(stream.next()).isTrue();
                assertThat(text(stream.getLatestMetadata())).isEqualTo("message " + (batch + 2));
                assertBatch(stream.getRoot(), stream.getDictionaryProvider(), batch);
            }
            assertThat(stream.next()).isFalse();
        } finally {
            stop(server);
        }
    }

    @Test
    void decodesWhatFlightClientPuts() throws Exception {
        List<byte[]> protobufs = new ArrayList<>();
        Server server = ServerBuilder.forPort(0)
                .addService(ServerServiceDefinition.builder(PlainFlight.SERVICE)
                        .addMethod(
                                PlainFlight.DO_PUT,
                                ServerCalls.asyncBidiStreamingCall(reply -> new Collector(protobufs, reply)))
                        .build())
                .build()
                .start();
        FlightDescriptor descriptor = FlightDescriptor.path("a", "b");
        try (FlightClient client = client(server)) {
            FlightClient.ClientStreamListener listener =
                    client.startPut(descriptor, table, dictionaries, new AsyncPutListener());
            for (int batch = 0; batch < ROWS.length; batch++) {
                fill(batch);
                listener.putNext();
            }
            listener.completed();
            listener.getResult();
        } finally {
            stop(server);
        }

        List<byte[]> descriptors = new ArrayList<>();
        assertTable(stream(protobufs, descriptors, new ArrayList<>()));
        assertThat(descriptors.get(0)).isEqualTo(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(descriptor.serialize())));
        assertThat(descriptors.subList(1, descriptors.size())).containsOnly(new byte[0]);
    }

    /** Decodes messages of Flight; returns what they are as an IPC stream. */
    private static byte[] stream(List<byte[]> protobufs, List<byte[]> descriptors, List<String> appMetadata) {
        FlightDataDecoder decoder = new FlightDataDecoder();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (byte[] protobuf : protobufs) {
            FlightData data = decoder.decode(Unpooled.wrappedBuffer(protobuf), BUFFERS);
            descriptors.add(ByteBufUtil.getBytes(data.descriptor()));
            appMetadata.add(data.appMetadata().toString(StandardCharsets.UTF_8));
            assertThat(data.message()).isNotNull();
            stream.writeBytes(ByteBufUtil.getBytes(data.message().frame()));
            assertThat(data.release()).isTrue();
        }
        stream.writeBytes(ByteBufUtil.getBytes(IpcEndOfStream.INSTANCE.frame()));
        return stream.toByteArray();
    }

    /** Encodes the messages of an IPC stream, each with metadata of its own. */
    private static List<byte[]> protobufs(byte[] stream) {
        List<byte[]> protobufs = new ArrayList<>();
        try (DecodedStream decoded = new DecodedStream(stream)) {
            List<IpcMessage> messages = new ArrayList<>(List.of(decoded.schema()));
            messages.addAll(decoded.data());
            for (IpcMessage message : messages) {
                ByteBuf appMetadata = ByteBufUtil.writeUtf8(BUFFERS, "message " + protobufs.size());
                FlightData data = new FlightData(message.retain(), Unpooled.EMPTY_BUFFER, appMetadata);
                ByteBuf protobuf = data.encode(BUFFERS);
                assertThat(data.release()).isTrue();
                protobufs.add(ByteBufUtil.getBytes(protobuf));
                assertThat(protobuf.release()).isTrue();
            }
        }
        return protobufs;
    }

    /** Returns the table as arrow-java writes it. */
    private byte[] written() throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (ArrowStreamWriter writer = new ArrowStreamWriter(table, dictionaries, Channels.newChannel(stream))) {
            for (int batch = 0; batch < ROWS.length; batch++) {
                fill(batch);
                writer.writeBatch();
            }
        }
        return stream.toByteArray();
    }

    private void fill(int batch) {
        table.allocateNew();
        for (int row = 0; row < ROWS[batch]; row++) {
            ((BigIntVector) table.getVector("n")).setSafe(row, row * 3L);
            ((IntVector) table.getVector("word")).setSafe(row, row % 2);
        }
        table.setRowCount(ROWS[batch]);
    }

    private void assertTable(byte[] stream) throws IOException {
        try (ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
            for (int batch = 0; batch < ROWS.length; batch++) {
                assertThat(reader.loadNextBatch()).isTrue();
                assertBatch(reader.getVectorSchemaRoot(), reader, batch);
            }
            assertThat(reader.loadNextBatch()).isFalse();
        }
    }

    private static void assertBatch(VectorSchemaRoot root, DictionaryProvider dictionaries, int batch) {
        assertThat(root.getRowCount()).isEqualTo(ROWS[batch]);
        BigIntVector n = (BigIntVector) root.getVector("n");
        IntVector indices = (IntVector) root.getVector("word");
        Dictionary dictionary =
                dictionaries.lookup(indices.getField().getDictionary().getId());
        try (VarCharVector word = (VarCharVector) DictionaryEncoder.decode(indices, dictionary)) {
            for (int row = 0; row < ROWS[batch]; row++) {
                assertThat(n.get(row)).isEqualTo(row * 3L);
                assertThat(word.getObject(row)).hasToString(row % 2 == 0 ? "zero" : "one");
            }
        }
    }

    private static String text(ArrowBuf buffer) {
        byte[] bytes = new byte[(int) buffer.readableBytes()];
        buffer.getBytes(buffer.readerIndex(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private FlightClient client(Server server) {
        return FlightClient.builder(allocator, Location.forGrpcInsecure("localhost", server.getPort()))
                .build();
    }

    private static void stop(Server server) throws InterruptedException {
        server.shutdown();
        assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    /** A Flight server with one table. */
    private final class Tables extends NoOpFlightProducer {
        @Override
        public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
            listener.start(table, dictionaries);
            for (int batch = 0; batch < ROWS.length; batch++) {
                fill(batch);
                byte[] text = (ROWS[batch] + " rows").getBytes(StandardCharsets.UTF_8);
                ArrowBuf metadata = allocator.buffer(text.length);
                metadata.writeBytes(text);
                listener.putNext(metadata);
            }
            listener.completed();
        }
    }

    /** Keeps what a client puts, and ends the call when the client does. */
    private record Collector(List<byte[]> protobufs, StreamObserver<byte[]> reply) implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] protobuf) {
            protobufs.add(protobuf);
        }

        @Override
        public void onError(Throwable error) {
            reply.onError(error);
        }

        @Override
        public void onCompleted() {
            reply.onCompleted();
        }
    }
}
