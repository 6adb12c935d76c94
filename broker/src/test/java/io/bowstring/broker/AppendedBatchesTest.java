package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A log takes batches from a topic whose window has five of them. */
class AppendedBatchesTest {
    private static final List<IpcField> FIELDS = List.of(Messages.encoded("s", 7));

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(
            BrokerConfig.DEFAULTS.withTopic(TopicConfig.DEFAULTS.withWindowBatches(5)), new FakeStorage());

    private final FakePublisher publisher = rig.publish("t", FIELDS);
    private AppendedBatches appended;

    @BeforeEach
    void begin() {
        rig.run();
        appended = new AppendedBatches(rig.topic("t").log());
    }

    @Test
    void takesWhatHasBeenAppendedOnce() {
        publisher.sendDictionary(7, "x").send(0, 1);
        rig.run();
        assertThat(take()).isEqualTo("[7] 0-1");
        assertThat(take()).isEqualTo("nothing");

        publisher.send(2);
        rig.run();
        assertThat(take()).isEqualTo("[] 2-2");
        assertThat(appended.offset()).isEqualTo(3);
    }

    @Test
    void takesABlockAtATimeWithTheDictionariesThatAreNew() {
        publisher.sendDictionary(7, "x").send(0, 1).sendDelta(7, "y").send(2);
        rig.run();
        publisher.sendDictionary(7, "z").send(3);
        rig.run();

        assertThat(take()).isEqualTo("[7] 0-1");
        assertThat(take()).isEqualTo("[+7] 2-2");
        assertThat(take()).isEqualTo("[7] 3-3");
        assertThat(take()).isEqualTo("nothing");
    }

    @Test
    void takesDictionariesInForceAgainWhereAFileBegins() {
        publisher.sendDictionary(7, "x").send(0).sendDelta(7, "y").send(1);
        rig.run();
        assertThat(take()).isEqualTo("[7] 0-0");
        assertThat(take()).isEqualTo("[+7] 1-1");
        publisher.send(2);
        rig.run();

        appended.forgetDictionaries();

        assertThat(take()).isEqualTo("[7, +7] 2-2");
    }

    @Test
    void goesOnWhereTheBlockItStoodInHasGone() {
        publisher.sendDictionary(7, "x").send(0, 1);
        rig.run();
        assertThat(take()).isEqualTo("[7] 0-1");
        publisher.sendDictionary(7, "y").send(2);
        rig.run();
        rig.storage.log("t").tellCommitted(2);
        rig.run();
        rig.send(publisher, 4); // pushes out the first two

        assertThat(rig.topic("t").log().firstOffset()).isEqualTo(2);
        assertThat(take()).startsWith("[7] 2-");
    }

    @Test
    void saysWhatIsNumbered() {
        PublishRequest request = new PublishRequest(new TopicName("t"), true, false, new ProducerId("a"));
        FakePublisher numbered = rig.publish(request, FIELDS);
        publisher.sendDictionary(7, "x").send(0);
        rig.run();
        LogPiece plain = appended.take();
        assertThat(appended.isNumbered()).isFalse();
        plain.release();

        numbered.sendDictionary(7, "y").sendNumbered(1);
        rig.run();

        LogPiece piece = appended.take();
        assertThat(appended.isNumbered()).isTrue();
        piece.release();
    }

    @Test
    void takesNothingMoreOfATopicThatHasGone() {
        publisher.sendDictionary(7, "x").send(0, 1);
        rig.run();
        rig.broker.delete(new TopicName("t"));
        rig.run();

        assertThat(take()).isEqualTo("nothing");
    }

    /** Returns the ids of the dictionaries of the next piece, with a plus where it is a delta, and its first and last offset. */
    private String take() {
        LogPiece piece = appended.take();
        if (piece == null) {
            return "nothing";
        }
        List<String> ids = piece.dictionaries().stream()
                .map(dictionary -> (dictionary.isDelta() ? "+" : "") + dictionary.id())
                .toList();
        Chunk chunk = piece.chunk();
        String text = ids + " " + chunk.firstOffset() + "-" + (chunk.firstOffset() + chunk.batchCount() - 1);
        piece.release();
        return text;
    }
}
