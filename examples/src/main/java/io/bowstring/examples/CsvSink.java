package io.bowstring.examples;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.ReconnectConfig;
import io.bowstring.client.Subscription;
import io.bowstring.protocol.LagPolicy;
import io.bowstring.protocol.SubscribeRequest;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Writes a topic to a file as CSV, from its first batch until it is sealed: {@code URL TOPIC FILE}. */
public final class CsvSink {
    public static void main(String[] args) throws IOException, InterruptedException {
        SubscribeRequest request = SubscribeRequest.of(args[1]).fromEarliest().onLag(LagPolicy.BLOCK);
        try (Client client = Client.connect(ClientConfig.of(args[0]).withReconnect(ReconnectConfig.FOREVER));
                Subscription subscription = client.subscribe(request);
                BufferedWriter csv = Files.newBufferedWriter(Path.of(args[2]))) {
            csv.write(line(subscription.schema().getFields().stream().map(Field::getName)));
            while (!subscription.hasEnded()) {
                try (ReceivedBatch batch = subscription.next(Duration.ofSeconds(1))) {
                    for (int row = 0; batch != null && row < batch.rowCount(); row++) {
                        int at = row;
                        csv.write(
                                line(batch.root().getFieldVectors().stream().map(column -> value(batch, column, at))));
                    }
                    csv.flush();
                }
            }
        }
    }

    private static String line(Stream<@Nullable Object> values) {
        return values.map(value -> value == null ? "" : '"' + value.toString().replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(",", "", "\n"));
    }

    private static @Nullable Object value(ReceivedBatch batch, FieldVector column, int row) {
        Object value = column.getObject(row);
        DictionaryEncoding encoding = column.getField().getDictionary();
        return encoding == null || value == null
                ? value
                : batch.dictionaries().lookup(encoding.getId()).getVector().getObject(((Number) value).intValue());
    }
}
