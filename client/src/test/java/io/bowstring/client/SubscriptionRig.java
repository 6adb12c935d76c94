package io.bowstring.client;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.SubscriptionStart;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import java.util.function.Function;

/** A client, and the server that it subscribes at, which the test plays. Owns both. */
final class SubscriptionRig implements AutoCloseable {
    static final TopicName TOPIC = new TopicName("trades");
    static final SubscribeRequest ALL = request(EndPosition.LIVE, LagPolicy.DISCONNECT);

    final ScriptedServer server = new ScriptedServer();
    final RecordingListener listener = new RecordingListener();
    final Client client;

    SubscriptionRig() throws InterruptedException {
        this(config -> config);
    }

    SubscriptionRig(Function<ClientConfig, ClientConfig> change) throws InterruptedException {
        client = server.connect(config -> change.apply(config.withListener(listener)));
    }

    static SubscribeRequest request(EndPosition until, LagPolicy onLag) {
        return SubscribeRequest.of(TOPIC.value()).fromEarliest().until(until).onLag(onLag);
    }

    /** Returns the next connection, on which the topic is asked for from somewhere on. */
    Peer accept(String from) throws InterruptedException {
        return server.accept().expect(asked(from), Peer.END);
    }

    /** Returns the text of {@link #ALL} where it begins at {@code from}. */
    static String asked(String from) {
        return "[] {bowstring.subscribe=trades, bowstring.from=" + from + ", bowstring.on-lag=disconnect}";
    }

    /** Returns what a reply of one {@code int64} column begins with, owned. */
    static IpcSchema schema(String log, long offset) {
        return marked(PublisherRig.schema(Map.of()), log, offset);
    }

    /** Returns what a reply begins with, owned; the schema is consumed. */
    static IpcSchema marked(IpcSchema schema, String log, long offset) {
        return schema.edited(new SubscriptionStart(TOPIC, log, offset).toEdit(), ByteBufAllocator.DEFAULT);
    }

    /** Returns a batch of one row, owned. */
    static IpcRecordBatch batch(long offset) {
        return batch(1, offset, 0);
    }

    static IpcRecordBatch batch(int rows, long offset, long gap) {
        return PublisherRig.batch(rows).edited(new BatchPosition(offset, 1, gap).toEdit(), ByteBufAllocator.DEFAULT);
    }

    /** Returns an answer that refuses a request, owned. */
    static IpcSchema refusal(String code) {
        return new Refusal(code, "as said").toSchema(ByteBufAllocator.DEFAULT);
    }

    /** Returns the next batch as text; {@code end} behind the last. */
    static String next(Subscription subscription) throws InterruptedException {
        try (ReceivedBatch batch = subscription.next()) {
            return batch == null ? "end" : "batch " + batch.offset() + (batch.gap() == 0 ? "" : " gap " + batch.gap());
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
