package io.bowstring.cli;

import io.bowstring.client.ClientException;
import io.bowstring.client.ServerAddress;
import io.bowstring.client.Subscriber;
import io.bowstring.protocol.ListRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The table of topics, asked for anew every second on one connection: in place on a terminal, else one table, or one
 * JSON object for each topic, after another. Confined to the main thread, but for the stop.
 */
final class TopicsWatch {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String HOME = "\u001b[H";
    private static final String ERASE_TO_END_OF_LINE = "\u001b[K";
    private static final String ERASE_BELOW = "\u001b[J";
    private static final ListRequest ALL = new ListRequest("");

    private final Subscriber subscriber;
    private final StandardStreams streams;
    private final OutputFormat format;
    private final TopicRates rates = new TopicRates();
    private boolean hasShown;

    private TopicsWatch(Subscriber subscriber, StandardStreams streams, OutputFormat format) {
        this.subscriber = subscriber;
        this.streams = streams;
        this.format = format;
    }

    /** Shows the topics until the process is asked to stop or nobody reads any longer. */
    static void run(ServerAddress server, StandardStreams streams, OutputFormat format)
            throws IOException, InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        try (Subscriber subscriber = Subscriber.open(server, ALL);
                StopSignal stop = new StopSignal(() -> stop(subscriber, stopped))) {
            try {
                new TopicsWatch(subscriber, streams, format).showUntil(stopped);
            } catch (ClientException e) {
                if (!stop.isRaised()) {
                    throw e;
                }
            }
        }
    }

    private static void stop(Subscriber subscriber, CountDownLatch stopped) {
        stopped.countDown();
        subscriber.close();
    }

    private void showUntil(CountDownLatch stopped) throws IOException, InterruptedException {
        long dueNanos = System.nanoTime();
        while (true) {
            show();
            dueNanos = Math.max(dueNanos + PERIOD_NANOS, System.nanoTime()); // what was missed is not made up for
            if (stopped.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return;
            }
            subscriber.askAgain(ALL);
        }
    }

    private void show() throws IOException, InterruptedException {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (DecodedBatches batches = new DecodedBatches(subscriber)) {
            VectorSchemaRoot batch = batches.next();
            long nowNanos = System.nanoTime();
            try (TopicRates.Columns columns = rates.update(batch == null ? batches.empty() : batch, nowNanos)) {
                VectorSchemaRoot table = columns.table();
                printer(shown).print(table, batches.dictionaries(), table.getRowCount());
            }
            while (batch != null) { // to the end of the reply: there is only one batch
                batch = batches.next();
            }
        }
        write(shown.toString(StandardCharsets.UTF_8));
    }

    private RowPrinter printer(OutputStream target) throws IOException {
        return format == OutputFormat.JSON ? new JsonPrinter(target) : new TablePrinter(target);
    }

    private void write(String shown) throws IOException {
        String text = shown;
        if (format != OutputFormat.JSON && streams.isScreen()) {
            text = HOME + shown.replace("\n", ERASE_TO_END_OF_LINE + "\n") + ERASE_BELOW;
        } else if (format != OutputFormat.JSON && hasShown) {
            text = "\n" + shown;
        }
        hasShown = true;
        streams.out().write(text.getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
    }
}
