package io.bowstring.client;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.PlainBatch;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublicationStart;
import io.bowstring.protocol.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/** A client, and the server that its publishers publish to, which the test plays. Owns both. */
final class PublisherRig implements AutoCloseable {
    static final PublisherConfig CONFIG = PublisherConfig.of("trades").withProducer(new ProducerId("feed"), 0);
    static final String REQUEST =
            "[n: int64 not null] {bowstring.publish=trades, bowstring.ack=true, bowstring.producer=feed}";

    final ScriptedServer server = new ScriptedServer();
    final RecordingListener listener = new RecordingListener();
    final Client client;

    PublisherRig() throws InterruptedException {
        this(config -> config);
    }

    PublisherRig(Function<ClientConfig, ClientConfig> change) throws InterruptedException {
        client = server.connect(config -> change.apply(config.withListener(listener)));
    }

    /** Begins to open a publisher of one {@code int64} column. */
    FutureTask<MessagePublisher> opening(PublisherConfig config) {
        return Threads.run(() -> client.messagePublisher(config, schema(Map.of())));
    }

    /** Opens a publisher whose last sequence the server has, or -1; the request has been taken off the peer's end then. */
    MessagePublisher open(PublisherConfig config, long lastSequence) throws Exception {
        FutureTask<MessagePublisher> opening = opening(config);
        peer = accept();
        peer.send(handshake(lastSequence));
        return opening.get();
    }

    /** The connection of the publisher that was opened last. */
    Peer peer;

    /** Returns the next connection, whose request has come. */
    Peer accept() throws InterruptedException {
        return server.accept().expect(REQUEST);
    }

    /** Returns the schema of the batches, owned. */
    static IpcSchema schema(Map<String, String> metadata) {
        return IpcSchema.of(List.of(IpcField.of("n", false, IpcType.INT64)), metadata, ByteBufAllocator.DEFAULT);
    }

    /** Returns a batch, owned. */
    static IpcRecordBatch batch(int rows) {
        ByteBuf values = Unpooled.buffer(8 * rows).writeZero(8 * rows);
        return PlainBatch.of(
                rows,
                List.of(new PlainBatch.Node(rows, 0)),
                List.of(Unpooled.EMPTY_BUFFER, values),
                ByteBufAllocator.DEFAULT);
    }

    /** Returns what begins the server's answer, owned. */
    static IpcSchema handshake(long lastSequence) {
        return handshake("log", lastSequence);
    }

    /** Returns what begins the server's answer where a log is told, owned. */
    static IpcSchema handshake(String log, long lastSequence) {
        return new PublicationStart(log, lastSequence).toSchema(ByteBufAllocator.DEFAULT);
    }

    /** Returns a row of the server's answer, owned. */
    static IpcRecordBatch row(long batches, long offset) {
        return new Acknowledgement(batches, offset, null).toBatch(ByteBufAllocator.DEFAULT);
    }

    /** Returns the last row of a publish that failed, owned. */
    static IpcRecordBatch error(String error) {
        return new Acknowledgement(0, -1, error).toBatch(ByteBufAllocator.DEFAULT);
    }

    /** Returns an answer that refuses a request, owned. */
    static IpcSchema refusal(String code) {
        return new Refusal(code, "as said").toSchema(ByteBufAllocator.DEFAULT);
    }

    /** Returns how a batch of one row with a number looks to the server. */
    static String sequence(long number) {
        return "1 rows {bowstring.sequence=" + number + "}";
    }

    /** Waits for a receipt. */
    static Receipt receipt(CompletionStage<Receipt> stage) throws Exception {
        return stage.toCompletableFuture().get();
    }

    /** Closes the client, without waiting for batches that are not acknowledged. */
    @Override
    public void close() {
        Threads.interrupted(client::close);
        server.close();
    }
}
