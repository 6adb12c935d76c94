package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bowstring.protocol.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TopicRegistryTest {
    private static final TopicName NAME = new TopicName("t");

    @Test
    void countsNoTopicThatCouldNotBeMade() {
        TopicRegistry<String> topics = new TopicRegistry<>(1);

        assertThatIllegalStateException()
                .isThrownBy(() -> topics.attend(NAME, null, () -> {
                    throw new IllegalStateException();
                }));

        assertThat(topics.attend(NAME, null, () -> "made")).isEqualTo("made");
    }

    @Test
    void listsNothingThatHasGone() {
        TopicRegistry<String> topics = new TopicRegistry<>(2);
        topics.attend(NAME, null, () -> "first");
        topics.remove(NAME, "first");
        topics.attend(NAME, null, () -> "second");

        topics.list(NAME, "first"); // which is late
        assertThat(topics.page("", null, 10)).isEmpty();

        topics.list(NAME, "second");
        topics.remove(NAME, "first");
        assertThat(topics.page("", null, 10)).containsExactly("second");
        assertThat(topics.leave(NAME, "second", () -> false)).isTrue();
        assertThat(topics.page("", null, 10)).isEmpty();
    }

    @Test
    void tellsOfTheEndOfATopicBeforeThereIsAnother() {
        TopicRegistry<String> topics = new TopicRegistry<>(2);
        topics.attend(NAME, null, () -> "first");
        assertThat(topics.removeIfDeserted(NAME, "first", () -> {
                    throw new AssertionError("it is attended");
                }))
                .isFalse();
        assertThat(topics.leave(NAME, "first", () -> true)).isFalse();

        List<String> present = new ArrayList<>();
        assertThat(topics.removeIfDeserted(NAME, "first", () -> present.add(topics.find(NAME))))
                .isTrue();

        assertThat(present).containsExactly("first");
        assertThat(topics.find(NAME)).isNull();
    }

    @Test
    void listsEachTopicThatStaysOnceWhileOthersComeAndGo() throws Exception {
        TopicRegistry<String> topics = new TopicRegistry<>(1_000);
        List<String> staying = new ArrayList<>();
        for (int i = 100; i < 200; i += 2) {
            come(topics, "t" + i);
            staying.add("t" + i);
        }
        AtomicBoolean isOver = new AtomicBoolean();
        Callable<Void> comingAndGoing = () -> {
            while (!isOver.get()) {
                for (int i = 101; i < 200; i += 2) {
                    come(topics, "t" + i);
                }
                for (int i = 101; i < 200; i += 2) {
                    topics.leave(new TopicName("t" + i), "t" + i, () -> false);
                }
            }
            return null;
        };
        FutureTask<Void> others = new FutureTask<>(comingAndGoing);
        new Thread(others, "others").start();
        try {
            for (int round = 0; round < 1_000; round++) {
                List<String> listed = new ArrayList<>();
                String last = null;
                for (List<String> page = topics.page("t", last, 7); !page.isEmpty(); page = topics.page("t", last, 7)) {
                    listed.addAll(page);
                    last = page.get(page.size() - 1);
                }
                assertThat(listed).isSorted().doesNotHaveDuplicates().containsAll(staying);
            }
        } finally {
            isOver.set(true);
        }
        others.get();
        assertThat(topics.page("", null, 1_000)).isEqualTo(staying);
    }

    private static void come(TopicRegistry<String> topics, String topic) {
        topics.attend(new TopicName(topic), null, () -> topic);
        topics.list(new TopicName(topic), topic);
    }
}
