package io.bowstring.client;

import static io.bowstring.client.SubscriptionRig.ALL;
import static io.bowstring.client.SubscriptionRig.marked;
import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.bowstring.codec.PlainBatch;
import io.bowstring.protocol.BatchPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The ids of dictionaries are a connection's own; those that a subscriber sees stay as they were first. */
@ExtendWith(LeakDetection.class)
@Timeout(60)
class ResumedDictionariesTest {
    private SubscriptionRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new SubscriptionRig();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static IpcField encoded(String name, long id) {
        return new IpcField(name, false, IpcType.UTF8, new IpcDictionaryEncoding(id, IpcType.INT32, false), List.of());
    }

    private static MessageStream stream(long first, long second) {
        return new MessageStream(List.of(encoded("a", first), encoded("b", second)));
    }

    /** Returns a batch of one row whose columns have an index each. */
    private static IpcRecordBatch batch(long offset, int first, int second) {
        ByteBuf one = Unpooled.buffer(4).writeIntLE(first);
        ByteBuf two = Unpooled.buffer(4).writeIntLE(second);
        PlainBatch.Node node = new PlainBatch.Node(1, 0);
        return PlainBatch.of(
                        1,
                        List.of(node, node),
                        List.of(Unpooled.EMPTY_BUFFER, one, Unpooled.EMPTY_BUFFER, two),
                        ByteBufAllocator.DEFAULT)
                .edited(new BatchPosition(offset, 1, 0).toEdit(), ByteBufAllocator.DEFAULT);
    }

    private static String values(ReceivedBatch batch) {
        StringBuilder values = new StringBuilder();
        for (FieldVector column : batch.root().getFieldVectors()) {
            long id = column.getField().getDictionary().getId();
            try (var decoded =
                    DictionaryEncoder.decode(column, batch.dictionaries().lookup(id))) {
                values.append(id).append('=').append(decoded.getObject(0)).append(' ');
            }
        }
        return values.toString();
    }

    @Test
    void areMappedToThoseOfTheFirstConnection() throws Exception {
        try (MessageStream first = stream(1, 2);
                MessageStream second = stream(2, 5);
                Subscription subscription = rig.client.subscribe(ALL)) {
            rig.accept("earliest")
                    .send(marked(first.schema(Map.of()), "log", 0))
                    .send(first.dictionary(1, false, "x"), first.dictionary(2, false, "y"), batch(0, 0, 0))
                    .close();
            rig.accept("1")
                    .send(marked(second.schema(Map.of()), "log", 1))
                    .send(second.dictionary(2, false, "p"), second.dictionary(5, false, "q"), batch(1, 0, 0))
                    .send(second.dictionary(5, true, "r"), batch(2, 0, 1));

            for (String expected : List.of("1=x 2=y ", "1=p 2=q ", "1=p 2=r ")) {
                try (ReceivedBatch batch = subscription.next()) {
                    assertThat(values(batch)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void stayAsTheyAreForBatchesThatAreKept() throws Exception {
        Subscription subscription = rig.client.subscribe(ALL);
        try (MessageStream stream = stream(1, 2)) {
            rig.accept("earliest")
                    .send(marked(stream.schema(Map.of()), "log", 0))
                    .send(stream.dictionary(1, false, "x"), stream.dictionary(2, false, "y"), batch(0, 0, 0))
                    .send(stream.dictionary(1, false, "z"), batch(1, 0, 0));
            try (ReceivedBatch first = subscription.next();
                    ReceivedBatch second = subscription.next()) {
                subscription.close();

                assertThat(values(first)).isEqualTo("1=x 2=y ");
                assertThat(values(second)).isEqualTo("1=z 2=y ");
            }
        }
    }
}
