package io.bowstring.examples;

import io.bowstring.client.Client;
import io.bowstring.client.ClientConfig;
import io.bowstring.client.Publisher;
import io.bowstring.client.ReconnectConfig;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Publishes a batch every second: {@code URL TOPIC}. The server may be there, come later, go, and come back; batches that are
 * published while it is gone wait, up to 16 MiB of them.
 */
public final class EverySecond {
    public static void main(String[] args) throws InterruptedException {
        Schema schema = new Schema(List.of(Field.notNullable("millis", new ArrowType.Int(64, true))));
        ClientConfig config = ClientConfig.of(args[0]).withReconnect(ReconnectConfig.FOREVER);
        try (Client client = Client.connect(config);
                Publisher publisher = client.publisher(args[1], schema);
                VectorSchemaRoot root = VectorSchemaRoot.create(schema, client.allocator())) {
            BigIntVector millis = (BigIntVector) root.getVector("millis");
            while (true) {
                millis.setSafe(0, System.currentTimeMillis());
                root.setRowCount(1);
                publisher.publish(root).thenAccept(receipt -> System.out.println("offset " + receipt.offset()));
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }
}
