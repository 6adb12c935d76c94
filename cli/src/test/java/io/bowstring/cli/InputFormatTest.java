package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputFormatTest {
    @ParameterizedTest
    @CsvSource({
        "a.csv, CSV",
        "b/A.CSV, CSV",
        "a.tsv, TSV",
        "a.jsonl, JSON",
        "a.ndjson, JSON",
        "a.json, ARROW",
        "csv, ARROW",
        "-, ARROW"
    })
    void knowsFormatsByTheNamesOfFiles(String file, InputFormat format) {
        assertThat(InputFormat.of(file)).isEqualTo(format);
    }
}
