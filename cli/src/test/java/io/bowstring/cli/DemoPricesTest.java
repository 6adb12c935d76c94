package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import java.util.Random;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class DemoPricesTest {
    @Test
    void goesOnWithBatchesWhoseSymbolsAreInTheDictionary() {
        try (DemoPrices prices = new DemoPrices(new Random(1))) {
            assertThat(prices.schema().getFields())
                    .extracting(field -> field.getName())
                    .containsExactly("time", "symbol", "price", "size");
            int symbols = prices.dictionaries().lookup(0).getVector().getValueCount();
            for (int i = 0; i < 3; i++) {
                VectorSchemaRoot batch = prices.next();
                assertThat(batch.getRowCount()).isEqualTo(4);
                for (int row = 0; row < 4; row++) {
                    assertThat((byte) batch.getVector("symbol").getObject(row))
                            .isBetween((byte) 0, (byte) (symbols - 1));
                }
                batch.clear(); // as who publishes it does
            }
        }
    }
}
