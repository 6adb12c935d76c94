package io.bowstring.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.ListRequest;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.StartPosition;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
@Timeout(60)
class SubscriberTest {
    private static final SubscribeRequest REQUEST = new SubscribeRequest(
            new TopicName("trades"), StartPosition.EARLIEST, EndPosition.LIVE, LagPolicy.DISCONNECT);

    private static ScriptedServer answering(Consumer<Channel> answer) throws InterruptedException {
        return new ScriptedServer((channel, message) -> {
            if (message.kind() == IpcKind.END_OF_STREAM) {
                answer.accept(channel);
            }
        });
    }

    @Test
    void receivesSchemaBatchesAndTheEnd() throws Exception {
        try (ScriptedServer server = answering(channel -> {
                    channel.write(ScriptedServer.schema(Map.of("a", "b")));
                    channel.write(ScriptedServer.batch(3));
                    channel.writeAndFlush(IpcEndOfStream.INSTANCE);
                });
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {

            assertThat(subscriber.schema().schemaMetadata()).isEqualTo(Map.of("a", "b"));
            assertThat(take(subscriber)).isEqualTo(3);
            assertThat(subscriber.next()).isNull();
            assertThat(subscriber.next()).isNull();
            assertThat(server.received())
                    .isEqualTo("[] {bowstring.subscribe=trades, bowstring.from=earliest, bowstring.on-lag=disconnect}");
        }
    }

    @Test
    void keepsNoReceivedBufferForTheSchema() throws Exception {
        try (ScriptedServer server = answering(channel -> channel.writeAndFlush(ScriptedServer.schema(Map.of())));
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {
            IpcSchema schema = subscriber.schema();

            assertThat(schema.pinnedBytes()).isEqualTo(schema.frameBytes() + 64);
        }
    }

    @Test
    void retainedSchemaOutlivesTheSubscriber() throws Exception {
        try (ScriptedServer server =
                answering(channel -> channel.writeAndFlush(ScriptedServer.schema(Map.of("a", "b"))))) {
            Subscriber subscriber = Subscriber.open(server.address(), REQUEST);
            IpcSchema schema = subscriber.retainedSchema();

            subscriber.close();

            assertThat(schema.schemaMetadata()).isEqualTo(Map.of("a", "b"));
            assertThat(schema.release()).isTrue();
        }
    }

    private static long take(Subscriber subscriber) throws InterruptedException {
        IpcMessage message = subscriber.next();
        try {
            return ((IpcRecordBatch) message).rowCount();
        } finally {
            message.release();
        }
    }

    @Test
    void asksForTopics() throws Exception {
        try (ScriptedServer server = answering(channel -> {
                    channel.write(ScriptedServer.schema(Map.of()));
                    channel.writeAndFlush(IpcEndOfStream.INSTANCE);
                });
                Subscriber subscriber = Subscriber.open(server.address(), new ListRequest("tr"))) {

            assertThat(subscriber.next()).isNull();
            assertThat(server.received()).isEqualTo("[] {bowstring.list=tr}");
        }
    }

    @Test
    void asksForTopicsAgainOnTheSameConnection() throws Exception {
        AtomicInteger rows = new AtomicInteger();
        try (ScriptedServer server = answering(channel -> {
                    channel.write(ScriptedServer.schema(Map.of("table", String.valueOf(rows.incrementAndGet()))));
                    channel.write(ScriptedServer.batch(rows.get()));
                    channel.writeAndFlush(IpcEndOfStream.INSTANCE);
                });
                Subscriber subscriber = Subscriber.open(server.address(), new ListRequest("a"))) {
            assertThatThrownBy(() -> subscriber.askAgain(new ListRequest("b")))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(take(subscriber)).isEqualTo(1);
            assertThat(subscriber.next()).isNull();

            subscriber.askAgain(new ListRequest("b"));

            assertThat(subscriber.schema().schemaMetadata()).containsEntry("table", "2");
            assertThat(take(subscriber)).isEqualTo(2);
            assertThat(subscriber.next()).isNull();
            assertThat(subscriber.next()).isNull();
            assertThat(server.received()).isEqualTo("[] {bowstring.list=a}");
            assertThat(server.received()).isEqualTo("END_OF_STREAM");
            assertThat(server.received()).isEqualTo("[] {bowstring.list=b}");
        }
    }

    @Test
    void raisesRefusalEachTime() throws Exception {
        try (ScriptedServer server = answering(channel -> {
                    channel.write(new Refusal("FORBIDDEN", "not yours").toSchema(channel.alloc()));
                    channel.writeAndFlush(IpcEndOfStream.INSTANCE);
                });
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {

            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(subscriber::next)
                        .isInstanceOf(RefusedException.class)
                        .hasMessage("FORBIDDEN: not yours");
            }
        }
    }

    @Test
    void raisesLossOfTheConnectionBehindWhatHasArrived() throws Exception {
        try (ScriptedServer server = answering(channel -> {
                    channel.write(ScriptedServer.schema(Map.of()));
                    channel.writeAndFlush(ScriptedServer.batch(3));
                    channel.close();
                });
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {

            assertThat(take(subscriber)).isEqualTo(3);
            assertThatThrownBy(subscriber::next)
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("the server closed it");
        }
    }

    @Test
    void raisesLossInsideMessage() throws Exception {
        try (ScriptedServer server = answering(channel -> {
                    channel.write(ScriptedServer.schema(Map.of()));
                    IpcRecordBatch batch = ScriptedServer.batch(3);
                    channel.writeAndFlush(
                            batch.frame().writerIndex(batch.frame().writerIndex() - 1));
                    channel.close();
                });
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {

            assertThatThrownBy(subscriber::next)
                    .isInstanceOf(ConnectionLostException.class)
                    .hasMessageContaining("inside a message");
        }
    }

    @Test
    void raisesReset() throws Exception {
        try (ScriptedServer server = answering(channel -> {
                    channel.config().setOption(ChannelOption.SO_LINGER, 0);
                    channel.close();
                });
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {

            assertThatThrownBy(subscriber::schema).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void raisesAnswerThatIsNotArrow() throws Exception {
        try (ScriptedServer server =
                        answering(channel -> channel.writeAndFlush(Unpooled.copiedBuffer("HTTP/1.1", US_ASCII)));
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {

            assertThatThrownBy(subscriber::schema)
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("continuation marker");
        }
    }

    @Test
    void holdsTheServerBackAndLosesNothing() throws Exception {
        int count = 500; // 40 MB, more than is read ahead and more than sockets hold
        try (ScriptedServer server = answering(channel -> {
                    channel.write(ScriptedServer.schema(Map.of()));
                    for (int i = 0; i < count; i++) {
                        channel.write(ScriptedServer.batch(10_000 + i));
                    }
                    channel.writeAndFlush(IpcEndOfStream.INSTANCE);
                });
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {
            for (int i = 0; i < count; i++) {
                assertThat(take(subscriber)).isEqualTo(10_000 + i);
            }
            assertThat(subscriber.next()).isNull();
        }
    }

    @Test
    void honoursInterruption() throws Exception {
        try (ScriptedServer server = answering(channel -> {});
                Subscriber subscriber = Subscriber.open(server.address(), REQUEST)) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(subscriber::next).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void endsBlockedCallWhenClosed() throws Exception {
        try (ScriptedServer server = answering(channel -> {})) {
            Subscriber subscriber = Subscriber.open(server.address(), REQUEST);
            FutureTask<IpcMessage> next = new FutureTask<>(subscriber::next);
            Thread thread = new Thread(next);
            thread.start();
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }

            subscriber.close();
            subscriber.close();

            assertThatThrownBy(next::get)
                    .hasCauseInstanceOf(ClientException.class)
                    .hasMessageContaining("the subscriber has been closed");
        }
    }
}
