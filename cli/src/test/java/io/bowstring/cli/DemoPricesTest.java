package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.LeakDetection;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class DemoPricesTest {
    @Test
    void beginsWithSchemaAndDictionaryAndGoesOn() {
        try (DemoPrices prices = new DemoPrices(new Random(1))) {
            IpcSchema schema = (IpcSchema) prices.next();
            assertThat(schema.fields().toString())
                    .isEqualTo("[time: timestamp[us, UTC] not null, symbol: dictionary<int8, utf8> not null,"
                            + " price: float64 not null, size: int64 not null]");
            schema.release();
            IpcMessage dictionary = prices.next();
            assertThat(dictionary.kind()).isEqualTo(IpcKind.DICTIONARY_BATCH);
            dictionary.release();
            for (int i = 0; i < 3; i++) {
                IpcRecordBatch batch = (IpcRecordBatch) prices.next();
                assertThat(batch.rowCount()).isEqualTo(4);
                batch.release();
            }
        }
    }
}
