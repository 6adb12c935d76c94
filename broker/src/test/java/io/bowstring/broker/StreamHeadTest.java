package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcField;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Heads of a hundred dictionaries. */
class StreamHeadTest {
    private static final int DICTIONARIES = 100;

    @RegisterExtension
    final BrokerRig rig = new BrokerRig(SmallBrokers.config(16 << 20, 100, 1 << 20, 1 << 20, 10));

    @Test
    void sharesWithTheNextHeadWhatHasNotChanged() {
        StreamHead head = new StreamHead();
        for (int id = 0; id < DICTIONARIES; id++) {
            head = changed(head, id, "x");
        }
        int references = head.get(0).refCnt();

        StreamHead next = changed(head.retain(), DICTIONARIES - 1, "y");

        assertThat(next.get(0)).isSameAs(head.get(0));
        assertThat(next.get(0).refCnt()).isEqualTo(references);
        assertThat(ids(next, head)).containsExactly((long) DICTIONARIES - 1);
        assertThat(ids(next, new StreamHead())).hasSize(DICTIONARIES).isSorted();
        assertThat(next.bytes()).isEqualTo(head.bytes());
        head.release();
        assertThat(ids(next, new StreamHead())).hasSize(DICTIONARIES);
        next.release();
    }

    @Test
    void visitsDictionariesInTheOrderInWhichTheyFirstCame() {
        StreamHead head = changed(changed(changed(new StreamHead(), 7, "x"), 3, "x"), 5, "x");

        head = changed(head, 7, "y");

        assertThat(ids(head, new StreamHead())).containsExactly(7L, 3L, 5L);
        head.release();
    }

    @Test
    void countsForADictionaryNoMoreWhereThereAreManyOthers() {
        List<IpcField> fields = new ArrayList<>();
        for (int id = 0; id < DICTIONARIES; id++) {
            fields.add(Messages.encoded("s" + id, id));
        }
        FakePublisher publisher = rig.publish("t", fields);
        for (int id = 0; id < DICTIONARIES; id++) {
            publisher.sendDictionary(id, "x");
        }
        publisher.send(Messages.batch(DICTIONARIES, 0, rig.allocator));
        publisher.send(Messages.batch(DICTIONARIES, 0, rig.allocator));
        rig.run();
        long before = rig.list("t").get(0).bytes();
        publisher.send(Messages.batch(DICTIONARIES, 0, rig.allocator));
        rig.run();
        long batch = rig.list("t").get(0).bytes() - before;

        publisher.sendDelta(5, "y").send(Messages.batch(DICTIONARIES, 0, rig.allocator));
        rig.run();

        assertThat(publisher.lines).isEmpty();
        assertThat(rig.list("t").get(0).bytes() - before - 2 * batch)
                .isBetween(Messages.DICTIONARY_WEIGHT, 2 * Messages.DICTIONARY_WEIGHT);
    }

    /** Returns a head with another dictionary; the one before is released. */
    private StreamHead changed(StreamHead head, long id, String text) {
        Dictionary dictionary = new Dictionary(Messages.dictionary(id, text, rig.allocator), text.hashCode(), null);
        StreamHead changed = head.with(id, dictionary);
        dictionary.release();
        head.release();
        return changed;
    }

    private static List<Long> ids(StreamHead head, StreamHead seen) {
        List<Long> found = new ArrayList<>();
        head.forEachAfter(seen, batch -> found.add(batch.id()));
        return found;
    }
}
