package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    @ParameterizedTest
    @CsvSource({
        "publsh, publish", // one is missing
        "topicss, topics", // one is too many
        "prise, price", // one is another
        "dmeo, demo", // two are swapped
        "px, pz", // of short names one may be wrong
    })
    void findsTheNameThatWasMeant(String name, String meant) {
        assertThat(Nearest.of(name, List.of("unlike", meant))).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({
        "foo, serve", // nothing is the same
        "zzz, demo",
        "m, n", // the only letter is wrong
        "'', n",
        "abcxy, abc", // two of five
        "abcdxyz, abcdefg", // three of seven
    })
    void findsNothingWhereMoreThanAThirdDiffers(String name, String other) {
        assertThat(Nearest.of(name, List.of(other))).isNull();
        assertThat(Nearest.of(other, List.of(name))).isNull();
    }

    @Test
    void findsWhatDiffersInAThird() {
        assertThat(Nearest.of("abcdxy", List.of("abcdef"))).isEqualTo("abcdef");
        assertThat(Nearest.of("abcd", List.of("abcdef"))).isEqualTo("abcdef");
    }

    @Test
    void findsTheFirstOfThoseThatAreAlike() {
        assertThat(Nearest.of("sizes", List.of("prize", "sizex", "size", "sized")))
                .isEqualTo("sizex");
        assertThat(Nearest.of("size", List.of("sizes", "size"))).isEqualTo("size");
    }

    @Test
    void findsNothingAmongNothing() {
        assertThat(Nearest.of("a", List.of())).isNull();
    }

    @Test
    void looksAtTheFirstThousand() {
        List<String> names = IntStream.range(0, 2_000).mapToObj(i -> "c" + i).toList();

        assertThat(Nearest.of("c1500", names)).isNotEqualTo("c1500");
        assertThat(Nearest.of("c999x", names)).isEqualTo("c999");
    }

    @Test
    void looksAtTheFirstLettersOfLongNames() {
        String start = "x".repeat(64);

        assertThat(Nearest.of(start + "abc", List.of(start + "d".repeat(1_000))))
                .isNotNull();
    }
}
