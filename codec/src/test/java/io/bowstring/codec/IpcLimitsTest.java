package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpcLimitsTest {
    @Test
    void hasTheDocumentedDefaults() {
        assertThat(IpcLimits.DEFAULTS)
                .isEqualTo(new IpcLimits(
                        1 << 20, 16 << 20, 64 << 20, 12_000, 64, 1_024, 4 << 20, 64, 16 << 10, 1_000, 256 << 20));
    }

    @Test
    void keepsEachComponentInItsPlace() {
        IpcLimits limits = new IpcLimits(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

        assertThat(components(limits)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(components(limits.toBuilder().maxBodyBytes(99).build()))
                .containsExactly(1, 2, 99, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(components(limits.toBuilder().maxDecompressedBytes(99).build()))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99);
    }

    @ParameterizedTest
    @CsvSource({
        "0, maxMetadataBytes, 33554432",
        "1, maxSchemaBytes, 33554432",
        "2, maxBodyBytes, 2080374783",
        "3, maxFields, 2147483647",
        "4, maxDepth, 256",
        "5, maxSchemaEntries, 2147483647",
        "6, maxSchemaEntryBytes, 2147483647",
        "7, maxMessageEntries, 2147483647",
        "8, maxMessageEntryBytes, 2147483647",
        "9, maxDictionaries, 2147483647",
        "10, maxDecompressedBytes, 2147483647",
    })
    void refusesComponentOutOfRange(int index, String name, int max) {
        assertThat(components(limits(index, 1))).contains(1);
        assertThat(components(limits(index, max)).get(index)).isEqualTo(max);
        assertRefused(index, 0, name, max);
        assertRefused(index, -1, name, max);
        if (max < Integer.MAX_VALUE) {
            assertRefused(index, max + 1, name, max);
        }
    }

    private static void assertRefused(int index, int value, String name, int max) {
        assertThatThrownBy(() -> limits(index, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + ": " + value + " (expected: 1.." + max + ")");
    }

    @Test
    void buildsOneLimitAtATime() {
        IpcLimits built = IpcLimits.DEFAULTS.toBuilder()
                .maxMetadataBytes(1)
                .maxSchemaBytes(2)
                .maxBodyBytes(3)
                .maxFields(4)
                .maxDepth(5)
                .maxSchemaEntries(6)
                .maxSchemaEntryBytes(7)
                .maxMessageEntries(8)
                .maxMessageEntryBytes(9)
                .maxDictionaries(10)
                .maxDecompressedBytes(11)
                .build();

        assertThat(built).isEqualTo(new IpcLimits(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        assertThat(built.toBuilder().build()).isEqualTo(built);
    }

    /** Returns limits of 7 each but for one component. */
    private static IpcLimits limits(int index, int value) {
        int[] all = new int[11];
        Arrays.fill(all, 7);
        all[index] = value;
        return new IpcLimits(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], all[8], all[9], all[10]);
    }

    private static List<Integer> components(IpcLimits limits) {
        return List.of(
                limits.maxMetadataBytes(),
                limits.maxSchemaBytes(),
                limits.maxBodyBytes(),
                limits.maxFields(),
                limits.maxDepth(),
                limits.maxSchemaEntries(),
                limits.maxSchemaEntryBytes(),
                limits.maxMessageEntries(),
                limits.maxMessageEntryBytes(),
                limits.maxDictionaries(),
                limits.maxDecompressedBytes());
    }
}
