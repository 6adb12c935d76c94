package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class HeldDictionariesTest {
    private final MessageStream stream =
            new MessageStream(List.of(encoded(1, IpcType.UTF8), encoded(2, IpcType.UTF8), nested(3)));

    private HeldDictionaries held = new HeldDictionaries(stream.fields(), ByteBufAllocator.DEFAULT);

    @AfterEach
    void release() {
        held.release();
        assertThat(texts()).isEmpty();
        stream.close();
    }

    private static IpcField encoded(long id, IpcType type) {
        return new IpcField("f" + id, true, type, new IpcDictionaryEncoding(id, IpcType.INT32, false), List.of());
    }

    private static IpcField nested(long id) {
        return new IpcField("list", true, IpcType.of(IpcTypeId.LIST), null, List.of(encoded(id, IpcType.UTF8)));
    }

    private void add(long id, boolean isDelta, String text) {
        held.add(stream.dictionary(id, isDelta, text));
    }

    /** Returns what a new connection would begin with. */
    private List<String> texts() {
        List<String> texts = new ArrayList<>();
        held.forEach(each -> texts.add(each.id() + (each.isDelta() ? "+" : "=") + DictionaryFrames.text(each)));
        return texts;
    }

    @Test
    void replacesADictionaryWithItsDeltas() {
        add(1, false, "a");
        add(1, true, "b");
        add(2, false, "x");

        add(1, false, "c");

        assertThat(texts()).containsExactly("2=x", "1=c");
    }

    @Test
    void keepsDeltasBehindWhatTheyAreAppendedTo() {
        add(1, false, "a");
        add(2, false, "x");
        add(1, true, "b");
        add(1, true, "c");

        assertThat(texts()).containsExactly("1=a", "1+b", "1+c", "2=x");
    }

    @Test
    void keepsADeltaThatIsTheBeginning() {
        add(1, true, "a");
        add(1, true, "b");

        assertThat(texts()).containsExactly("1+a", "1+b");
    }

    @Test
    void putsSixtyFourBatchesTogether() {
        for (long id = 1; id <= 3; id += 2) {
            add(id, false, "0");
            for (int i = 1; i < 63; i++) {
                add(id, true, Integer.toString(i % 10));
            }
            assertThat(texts()).hasSize(63 + (int) id / 2);
            add(id, true, "z");
            assertThat(texts()).hasSize(1 + (int) id / 2);
        }
        add(3, true, "behind");

        assertThat(texts().get(0)).startsWith("1=0+1+2+3").endsWith("+1+2+z");
        assertThat(texts().get(1)).startsWith("3=0+1+2+3").endsWith("+1+2+z");
        assertThat(texts().get(2)).isEqualTo("3+behind");
    }

    @Test
    void keepsApartWhatCannotBePutTogether() {
        held = new HeldDictionaries(List.of(encoded(1, IpcType.of(IpcTypeId.UTF8_VIEW))), ByteBufAllocator.DEFAULT);
        for (int i = 0; i < 70; i++) {
            add(1, i > 0, "a");
            add(2, i > 0, "b"); // which no field refers to
        }

        assertThat(texts()).hasSize(140);
    }

    @Test
    void keepsApartWhatDoesNotFitItsField() {
        held = new HeldDictionaries(List.of(encoded(1, IpcType.INT32)), ByteBufAllocator.DEFAULT);
        for (int i = 0; i < 130; i++) {
            add(1, i > 0, "a");
        }

        assertThat(texts()).hasSize(130);
    }

    @Test
    void keepsApartWhatThereIsNoMemoryToPutTogether() {
        held = new HeldDictionaries(stream.fields(), new NoMemory("concatenated", 1));
        for (int i = 0; i < 127; i++) {
            add(1, i > 0, Integer.toString(i % 10));
        }
        assertThat(texts()).hasSize(127).startsWith("1=0", "1+1").endsWith("1+5", "1+6");

        add(1, true, "z");

        assertThat(texts()).singleElement().asString().startsWith("1=0+1+2+3").endsWith("+5+6+z");
    }

    @Test
    void releasesWhatItHolds() {
        IpcDictionaryBatch dictionary = stream.dictionary(1, false, "a").retain();
        held.add(dictionary);

        held.release();

        assertThat(dictionary.release()).isTrue();
    }

    /** Holds a dictionary that cannot be released, since whoever has given it away has done that. */
    private HeldDictionaries broken() {
        HeldDictionaries broken = new HeldDictionaries(stream.fields(), ByteBufAllocator.DEFAULT);
        IpcDictionaryBatch first = stream.dictionary(1, false, "a");
        broken.add(first);
        first.release();
        return broken;
    }

    @Test
    void ownsNothingThatItCannotKeep() {
        HeldDictionaries broken = broken();
        IpcDictionaryBatch second = stream.dictionary(1, false, "b").retain();

        assertThatThrownBy(() -> broken.add(second)).isInstanceOf(IllegalReferenceCountException.class);

        assertThat(second.release()).isTrue();
    }

    @Test
    void isNoBeginningWithoutWhatItCouldNotKeep() {
        HeldDictionaries broken = broken();
        assertThatThrownBy(() -> broken.add(stream.dictionary(1, false, "b")))
                .isInstanceOf(IllegalReferenceCountException.class);

        assertThatThrownBy(() -> broken.forEach(dictionary -> {}))
                .isInstanceOf(ClientException.class)
                .hasMessage("there was no memory to keep a dictionary, which a new connection needs");
    }

    @Test
    void leavesNothingOfABatchWhoseDictionariesItCannotKeep() {
        HeldDictionaries broken = broken();
        List<IpcDictionaryBatch> dictionaries = List.of(
                stream.dictionary(1, false, "b").retain(),
                stream.dictionary(2, false, "x").retain());
        IpcRecordBatch batch = MessageStream.withoutColumns(1).retain();
        PendingBatch pending = new PendingBatch(0, dictionaries, batch);

        assertThatThrownBy(() -> pending.acknowledge(broken, new Receipt(0, 0, false)))
                .isInstanceOf(IllegalReferenceCountException.class);

        assertThat(pending.receipt()).isCompleted();
        assertThat(batch.release()).isTrue();
        assertThat(dictionaries).allMatch(IpcDictionaryBatch::release);
    }
}
