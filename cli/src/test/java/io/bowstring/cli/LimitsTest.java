package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.MessagePublisher;
import io.bowstring.client.MessageSubscription;
import io.bowstring.client.PublisherConfig;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.TcpAddress;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.BatchSequence;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.server.Server;
import io.bowstring.server.ServerConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is as large as a server takes it comes back through it, although the server adds entries of its own. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class LimitsTest {
    private static final IpcLimits SERVER_LIMITS = IpcLimits.DEFAULTS;
    private static final String TOPIC = "large";
    /** Has as few entries as can be: the server takes them out. */
    private static final ProducerId PRODUCER = new ProducerId("p");

    private static final PublishRequest PUBLISH = new PublishRequest(new TopicName(TOPIC), true, false, PRODUCER);
    private static final IpcMetadataEdit NUMBER = new BatchSequence(0).toEdit();

    @Test
    void receivesWhatIsAtTheLimitsOfTheServer() throws Exception {
        try (MessageFeed feed = new MessageFeed();
                Server server = Server.start(ServerConfig.DEFAULTS.withPort(0).withLimits(SERVER_LIMITS))) {
            ServerAddress address = new TcpAddress("127.0.0.1", server.address().getPort());
            IpcSchema schema = largestSchema(feed);
            SubscribeRequest request =
                    SubscribeRequest.of(TOPIC).fromEarliest().untilEnd().onLag(LagPolicy.BLOCK);
            try (Client client = Client.connect(ClientConfig.of(address))) {
                PublisherConfig config = PublisherConfig.of(TOPIC).withProducer(PRODUCER, 0);
                try (MessagePublisher publisher = client.messagePublisher(config, schema)) {
                    publisher.publish(largestBatch(feed));
                    publisher.finish();
                }
                try (MessageSubscription subscription = client.messageSubscription(request)) {
                    IpcSchema received = (IpcSchema) subscription.next();
                    assertThat(received.schemaMetadata().size()).isGreaterThan(SERVER_LIMITS.maxSchemaEntries() - 4);
                    assertThat(received.metadata().readableBytes()).isGreaterThan(SERVER_LIMITS.maxSchemaBytes());
                    received.release();
                    IpcMessage batch = subscription.next();
                    assertThat(batch.metadata().readableBytes()).isGreaterThan(SERVER_LIMITS.maxMetadataBytes());
                    batch.release();
                    assertThat(subscription.next()).isNull();
                }
            }
        }
    }

    /** Returns a schema that is at the limits once the publisher has put its request into it; owned. */
    private static IpcSchema largestSchema(MessageFeed feed) {
        Map<String, String> request = PUBLISH.toMetadata();
        int requestBytes = request.entrySet().stream()
                .mapToInt(e -> e.getKey().length() + e.getValue().length())
                .sum();
        IpcMetadataEdit edit = entries(
                SERVER_LIMITS.maxSchemaEntries() - request.size(), SERVER_LIMITS.maxSchemaEntryBytes() - requestBytes);
        IpcSchema schema = Streams.schema("n").edited(edit, ByteBufAllocator.DEFAULT);
        IpcSchema sent = schema.retain().edited(PUBLISH.toEdit(), ByteBufAllocator.DEFAULT);
        int requestMetadataBytes =
                sent.metadata().readableBytes() - schema.metadata().readableBytes();
        sent.release();
        return (IpcSchema) pad(schema, SERVER_LIMITS.maxSchemaBytes() - requestMetadataBytes, feed);
    }

    /** Returns a batch that is at the limits; owned. */
    private static IpcRecordBatch largestBatch(MessageFeed feed) {
        int numberBytes = "bowstring.sequence".length() + 1;
        IpcMetadataEdit edit =
                entries(SERVER_LIMITS.maxMessageEntries() - 1, SERVER_LIMITS.maxMessageEntryBytes() - numberBytes);
        IpcRecordBatch batch = Streams.batch(1).edited(edit, ByteBufAllocator.DEFAULT);
        IpcRecordBatch sent = batch.retain().edited(NUMBER, ByteBufAllocator.DEFAULT);
        int addedBytes = sent.metadata().readableBytes() - batch.metadata().readableBytes();
        sent.release();
        return (IpcRecordBatch) pad(batch, SERVER_LIMITS.maxMetadataBytes() - addedBytes, feed);
    }

    /** Returns so many entries that are of so many bytes together. */
    private static IpcMetadataEdit entries(int count, int bytes) {
        Map<String, String> entries = new TreeMap<>();
        int left = bytes;
        for (int i = 1; i <= count; i++) {
            String key = String.format("%04d", i);
            int valueBytes = i < count ? bytes / count - key.length() : left - key.length();
            entries.put(key, "v".repeat(valueBytes));
            left -= key.length() + valueBytes;
        }
        return new IpcMetadataEdit("none.", entries);
    }

    /** Returns the message with so many bytes of metadata, owned; {@code message} is consumed. */
    private static IpcMessage pad(IpcMessage message, int metadataBytes, MessageFeed feed) {
        ByteBuf metadata = message.metadata();
        int padding = metadataBytes - metadata.readableBytes();
        ByteBuf frame = Unpooled.buffer()
                .writeIntLE(-1)
                .writeIntLE(metadataBytes)
                .writeBytes(metadata)
                .writeZero(padding)
                .writeBytes(message.body());
        message.release();
        feed.add(frame);
        return feed.poll();
    }
}
