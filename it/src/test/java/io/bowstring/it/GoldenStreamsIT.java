package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.GoldenStreams;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.Request;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of other Arrow implementations are published and received as they were, read by Arrow's own metadata classes. */
class GoldenStreamsIT {
    private static final int TIMEOUT_MILLIS = 20_000;

    @RegisterExtension
    static final RunningServer SERVER = new RunningServer();

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void keepsBodiesByteForByteAndMetadataButForItsOwn(Path file) throws IOException {
        TopicName topic = topicOf(file);
        try (DecodedStream golden = new DecodedStream(GoldenStreams.read(file))) {
            publish(topic, golden);

            try (DecodedStream received = new DecodedStream(exchange(subscription(topic)))) {
                assertSameSchema(received.schema(), golden.schema());
                assertThat(received.data()).hasSameSizeAs(golden.data());
                for (int i = 0; i < golden.data().size(); i++) {
                    assertSameData(received.data().get(i), golden.data().get(i));
                }
                assertNumbered(received.batches());
            }
        }
    }

    private static TopicName topicOf(Path file) {
        int names = file.getNameCount();
        return new TopicName(file.subpath(names - 2, names).toString().replace('/', '.'));
    }

    /** Publishes the stream as it stands but for the request in its schema's metadata. */
    private static void publish(TopicName topic, DecodedStream stream) throws IOException {
        Request request = new PublishRequest(topic, true, true);
        IpcSchema schema = stream.schema().retain().edited(request.toEdit(), UnpooledByteBufAllocator.DEFAULT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            bytes.write(ByteBufUtil.getBytes(schema.frame()));
        } finally {
            schema.release();
        }
        for (IpcMessage message : stream.data()) {
            bytes.write(ByteBufUtil.getBytes(message.frame()));
        }
        bytes.write(ByteBufUtil.getBytes(IpcEndOfStream.INSTANCE.frame()));
        try (DecodedStream reply = new DecodedStream(exchange(bytes.toByteArray()))) {
            List<IpcRecordBatch> acks = reply.batches();
            long batches = stream.batches().size();
            assertThat(Acknowledgement.parse(acks.get(acks.size() - 1)))
                    .isEqualTo(new Acknowledgement(batches, batches - 1, null));
        }
    }

    private static byte[] subscription(TopicName topic) {
        Request request = SubscribeRequest.of(topic.value()).fromEarliest().untilEnd();
        IpcSchema schema = IpcSchema.of(List.of(), request.toMetadata(), UnpooledByteBufAllocator.DEFAULT);
        try {
            return ByteBufUtil.getBytes(schema.frame());
        } finally {
            schema.release();
        }
    }

    /** Sends bytes, half-closes, and returns all that comes back. */
    private static byte[] exchange(byte[] request) throws IOException {
        try (Socket socket = new Socket("localhost", SERVER.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            return socket.getInputStream().readAllBytes();
        }
    }

    private static void assertSameSchema(IpcSchema received, IpcSchema golden) {
        assertThat(received.fields()).isEqualTo(golden.fields());
        assertThat(withoutOwn(received.schemaMetadata())).isEqualTo(golden.schemaMetadata());
        assertThat(endOf(received, golden)).as("schema's metadata").isEqualTo(ByteBufUtil.getBytes(golden.metadata()));
    }

    private static void assertSameData(IpcMessage received, IpcMessage golden) {
        assertThat(received.kind()).isEqualTo(golden.kind());
        assertThat(ByteBufUtil.getBytes(received.body())).isEqualTo(ByteBufUtil.getBytes(golden.body()));
        assertThat(withoutOwn(received.customMetadata())).isEqualTo(golden.customMetadata());

        Message actual = Message.getRootAsMessage(received.metadata().nioBuffer());
        Message expected = Message.getRootAsMessage(golden.metadata().nioBuffer());
        assertThat(actual.version()).isEqualTo(expected.version());
        assertThat(actual.headerType()).isEqualTo(expected.headerType());
        assertThat(actual.bodyLength()).isEqualTo(expected.bodyLength());
        if (golden instanceof IpcDictionaryBatch) {
            assertSameDictionary((DictionaryBatch) actual.header(new DictionaryBatch()), (DictionaryBatch)
                    expected.header(new DictionaryBatch()));
        } else {
            assertSameBatch(
                    (RecordBatch) actual.header(new RecordBatch()), (RecordBatch) expected.header(new RecordBatch()));
            assertThat(endOf(received, golden)).as("metadata").isEqualTo(ByteBufUtil.getBytes(golden.metadata()));
        }
    }

    /** Re-rooting writes a new root in front of the old metadata, which stays as it is: returns its end, of that length. */
    private static byte[] endOf(IpcMessage received, IpcMessage golden) {
        ByteBuf metadata = received.metadata();
        int bytes = golden.metadata().readableBytes();
        return ByteBufUtil.getBytes(metadata, metadata.writerIndex() - bytes, bytes);
    }

    private static void assertSameDictionary(DictionaryBatch received, DictionaryBatch golden) {
        assertThat(received.id()).isEqualTo(golden.id());
        assertThat(received.isDelta()).isEqualTo(golden.isDelta());
        assertSameBatch(received.data(), golden.data());
    }

    private static void assertSameBatch(RecordBatch received, RecordBatch golden) {
        assertThat(received.length()).isEqualTo(golden.length());
        assertThat(received.nodesLength()).isEqualTo(golden.nodesLength());
        for (int i = 0; i < golden.nodesLength(); i++) {
            assertThat(received.nodes(i).length()).isEqualTo(golden.nodes(i).length());
            assertThat(received.nodes(i).nullCount()).isEqualTo(golden.nodes(i).nullCount());
        }
        assertThat(received.buffersLength()).isEqualTo(golden.buffersLength());
        for (int i = 0; i < golden.buffersLength(); i++) {
            assertThat(received.buffers(i).offset()).isEqualTo(golden.buffers(i).offset());
            assertThat(received.buffers(i).length()).isEqualTo(golden.buffers(i).length());
        }
        assertThat(received.compression() == null).isEqualTo(golden.compression() == null);
        if (golden.compression() != null) {
            assertThat(received.compression().codec())
                    .isEqualTo(golden.compression().codec());
            assertThat(received.compression().method())
                    .isEqualTo(golden.compression().method());
        }
    }

    private static void assertNumbered(List<IpcRecordBatch> batches) {
        for (int i = 0; i < batches.size(); i++) {
            assertThat(batches.get(i).customMetadata()).containsEntry("bowstring.offset", Integer.toString(i));
        }
    }

    private static Map<String, String> withoutOwn(Map<String, String> metadata) {
        Map<String, String> others = new LinkedHashMap<>(metadata);
        others.keySet().removeIf(key -> key.startsWith("bowstring."));
        return others;
    }
}
