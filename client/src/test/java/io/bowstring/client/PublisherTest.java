package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.LeakDetection;
import io.bowstring.protocol.Acknowledgement;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.Refusal;
import io.bowstring.protocol.TopicName;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
@Timeout(60)
class PublisherTest {
    private static final PublishRequest PLAIN = new PublishRequest(new TopicName("trades"), false, false);
    private static final PublishRequest ACKED = new PublishRequest(new TopicName("trades"), true, true);

    @Test
    void sendsTheRequestTheBatchesAndTheEnd() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {});
                Publisher publisher =
                        Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of("a", "b")))) {
            publisher.publish(ScriptedServer.batch(3));

            assertThat(publisher.finish()).isNull();

            assertThat(server.received()).isEqualTo("[n: int64 not null] {a=b, bowstring.publish=trades}");
            assertThat(server.received()).isEqualTo("RECORD_BATCH");
            assertThat(server.received()).isEqualTo("END_OF_STREAM");
            assertThat(server.received()).isEqualTo(ScriptedServer.CLOSED);
        }
    }

    @Test
    void waitsForTheLastAcknowledgement() throws Exception {
        try (ScriptedServer server = new ScriptedServer(PublisherTest::acknowledge);
                Publisher publisher = Publisher.open(server.address(), ACKED, ScriptedServer.schema(Map.of()))) {
            publisher.publish(ScriptedServer.batch(3));

            Acknowledgement last = publisher.finish();

            assertThat(last).isEqualTo(new Acknowledgement(7, 41, null));
            assertThat(publisher.acknowledged()).isEqualTo(last);
        }
    }

    private static void acknowledge(Channel channel, IpcMessage message) {
        switch (message.kind()) {
            case SCHEMA -> channel.writeAndFlush(Acknowledgement.toSchema(channel.alloc()));
            case RECORD_BATCH -> channel.writeAndFlush(new Acknowledgement(1, 5, null).toBatch(channel.alloc()));
            case END_OF_STREAM -> {
                channel.write(new Acknowledgement(7, 41, null).toBatch(channel.alloc()));
                channel.writeAndFlush(IpcEndOfStream.INSTANCE);
            }
            case DICTIONARY_BATCH -> throw new AssertionError("not sent");
        }
    }

    @Test
    void raisesTheErrorOfAnAcknowledgement() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {
                    if (message.kind() == IpcKind.RECORD_BATCH) {
                        channel.write(Acknowledgement.toSchema(channel.alloc()));
                        Acknowledgement failed = new Acknowledgement(0, -1, "STORAGE_FULL: no room: at all");
                        channel.writeAndFlush(failed.toBatch(channel.alloc()));
                    }
                });
                Publisher publisher = Publisher.open(server.address(), ACKED, ScriptedServer.schema(Map.of()))) {
            publisher.publish(ScriptedServer.batch(3));

            assertThatThrownBy(publisher::finish)
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("STORAGE_FULL: no room: at all")
                    .extracting(e -> ((RefusedException) e).code())
                    .isEqualTo("STORAGE_FULL");
        }
    }

    @Test
    void raisesRefusalThatArrivesAfterTheEnd() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {
                    if (message.kind() == IpcKind.END_OF_STREAM) {
                        refuse(channel);
                    }
                });
                Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()))) {

            assertThatThrownBy(publisher::finish)
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("TOPIC_SEALED: it is complete");
        }
    }

    @Test
    void raisesRefusalWhilePublishing() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {
                    if (message.kind() == IpcKind.SCHEMA) {
                        refuse(channel);
                    }
                });
                Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()))) {

            assertThatThrownBy(() -> publishForever(publisher)).isInstanceOf(RefusedException.class);
        }
    }

    private static void refuse(Channel channel) {
        channel.write(new Refusal("TOPIC_SEALED", "it is complete").toSchema(channel.alloc()));
        channel.writeAndFlush(IpcEndOfStream.INSTANCE);
    }

    private static void publishForever(Publisher publisher) throws InterruptedException {
        while (true) {
            publisher.publish(ScriptedServer.batch(10_000));
        }
    }

    @Test
    void failsWhenTheServerIsGone() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {
                    channel.config().setOption(ChannelOption.SO_LINGER, 0);
                    channel.close();
                });
                Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()))) {

            assertThatThrownBy(() -> publishForever(publisher)).isInstanceOf(ConnectionLostException.class);
            assertThatThrownBy(publisher::finish).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void isNotFinishedWithoutTheEndOfTheAcknowledgements() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {
                    if (message.kind() == IpcKind.END_OF_STREAM) {
                        channel.close();
                    }
                });
                Publisher publisher = Publisher.open(server.address(), ACKED, ScriptedServer.schema(Map.of()))) {

            assertThatThrownBy(publisher::finish).isInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void isNotFinishedWhileTheServerDoesNotClose() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                        (channel, message) -> channel.config().setAutoRead(false));
                Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()), 1)) {

            assertThatThrownBy(publisher::finish)
                    .isExactlyInstanceOf(ClientException.class)
                    .hasMessageContaining("has not confirmed the end of the stream")
                    .hasMessageContaining("within 1 ms");
        }
    }

    @Test
    void blocksWhileTheServerDoesNotReadAndHonoursInterruption() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                        (channel, message) -> channel.config().setAutoRead(false));
                Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()))) {
            FutureTask<Void> endless = new FutureTask<>(() -> {
                publishForever(publisher);
                return null;
            });
            Thread thread = new Thread(endless);
            thread.start();
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }

            thread.interrupt();

            assertThatThrownBy(endless::get).hasCauseInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void resetsTheConnectionWhenClosedWithoutFinish() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {})) {
            Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()));
            assertThat(server.received()).contains("bowstring.publish=trades");

            publisher.close();
            publisher.close();

            assertThat(server.received()).isEqualTo(ScriptedServer.RESET);
            assertThatThrownBy(() -> publisher.publish(ScriptedServer.batch(1)))
                    .isInstanceOf(ClientException.class)
                    .hasMessage("the publisher has been closed");
        }
    }

    @Test
    void refusesMessagesThatAreNoBatches() throws Exception {
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {});
                Publisher publisher = Publisher.open(server.address(), PLAIN, ScriptedServer.schema(Map.of()))) {

            assertThatThrownBy(() -> publisher.publish(ScriptedServer.schema(Map.of())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("message: SCHEMA");
        }
    }

    @Test
    void saysWhereItCannotConnect() throws Exception {
        ServerAddress nobody;
        try (ScriptedServer server = new ScriptedServer((channel, message) -> {})) {
            nobody = server.address();
        }

        assertThatThrownBy(() -> Publisher.open(nobody, PLAIN, ScriptedServer.schema(Map.of())))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("cannot connect to " + nobody);
    }
}
