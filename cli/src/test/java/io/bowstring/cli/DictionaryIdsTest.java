package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.bowstring.vector.BatchWriter;
import io.bowstring.vector.BatchWriterConfig;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class DictionaryIdsTest {
    private static IpcField encoded(long id) {
        return new IpcField(
                "symbol", true, IpcType.UTF8, new IpcDictionaryEncoding(id, IpcType.INT32, false), List.of());
    }

    @Test
    void namesTheFileAndTheDifference() {
        IpcField plain = IpcField.of("symbol", true, IpcType.UTF8);

        assertThatThrownBy(() -> new DictionaryIds("b.arrow", List.of(plain), List.of(encoded(0))))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        "b.arrow: field symbol: utf8" + " (expected: dictionary<int32, utf8>), as in the first file");
    }

    /** Returns the symbols, owned. */
    private static IpcDictionaryBatch dictionary(DemoPrices prices) {
        try (BatchWriter writer = new BatchWriter(
                prices.schema(), prices.dictionaries(), BatchWriterConfig.DEFAULTS, ByteBufAllocator.DEFAULT)) {
            List<IpcMessage> messages = writer.consume(prices.next(), Map.of());
            messages.get(1).release(); // the batch
            return (IpcDictionaryBatch) messages.get(0);
        }
    }

    @Test
    void renamesDictionaries() {
        DictionaryIds ids = new DictionaryIds("b.arrow", List.of(encoded(0)), List.of(encoded(7)));
        try (DemoPrices prices = new DemoPrices(new Random(1))) {
            IpcDictionaryBatch dictionary = dictionary(prices);
            int values = dictionary.body().readableBytes();

            IpcDictionaryBatch renamed = (IpcDictionaryBatch) ids.apply(dictionary);

            assertThat(renamed.id()).isEqualTo(7);
            assertThat(renamed.body().readableBytes()).isEqualTo(values);
            renamed.release();
        }
    }
}
