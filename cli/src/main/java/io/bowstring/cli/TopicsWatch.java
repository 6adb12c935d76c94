package io.bowstring.cli;

import io.bowstring.client.Client;
import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.text.ShownColumns;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.util.VectorSchemaRootAppender;

/**
 * The table of topics, asked for again every second: in place on a terminal, else one table, or one
 * JSON object for each topic, after another. Confined to the main thread, but for the stop.
 */
final class TopicsWatch {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String HOME = "\u001b[H";
    private static final String ERASE_TO_END_OF_LINE = "\u001b[K";
    private static final String ERASE_BELOW = "\u001b[J";

    /** These columns fit a terminal that is 80 characters wide; the rates are the widest. */
    private static final Set<String> NARROW =
            Set.of("topic", "publishers", "subscribers", "batches_per_second", "bytes_per_second");

    private final Client client;
    private final StandardStreams streams;
    private final OutputFormat format;
    private final boolean hasAllColumns;
    private final TopicRates rates = new TopicRates();
    private boolean hasShown;

    private TopicsWatch(Client client, StandardStreams streams, OutputFormat format, boolean isWide) {
        this.client = client;
        this.streams = streams;
        this.format = format;
        this.hasAllColumns = isWide || format == OutputFormat.JSON;
    }

    /** Shows the topics until the process is asked to stop or nobody reads any longer. */
    static void run(ServerOption server, StandardStreams streams, OutputFormat format, boolean isWide)
            throws IOException, InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        StopSignal stop = new StopSignal(stopped::countDown);
        try (stop;
                Client client = server.connect()) {
            new TopicsWatch(client, streams, format, isWide).showUntil(stopped);
        }
    }

    private void showUntil(CountDownLatch stopped) throws IOException, InterruptedException {
        long dueNanos = System.nanoTime();
        while (true) {
            show();
            dueNanos = Math.max(dueNanos + PERIOD_NANOS, System.nanoTime()); // what was missed is not made up for
            if (stopped.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return;
            }
        }
    }

    private void show() throws IOException, InterruptedException {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (Subscription reply = client.topics("");
                VectorSchemaRoot listed = VectorSchemaRoot.create(reply.schema(), client.allocator())) {
            appendAll(reply, listed);
            try (TopicRates.Columns columns = rates.update(listed, System.nanoTime())) {
                VectorSchemaRoot table = columns.table();
                ShownColumns all = ShownColumns.of(table.getSchema());
                format.newPrinter(shown, hasAllColumns ? all : all.only(NARROW), streams.isScreen())
                        .print(table, new DictionaryProvider.MapDictionaryProvider(), table.getRowCount());
            }
        }
        write(shown.toString(StandardCharsets.UTF_8));
    }

    /** Puts the pages of a listing together. */
    private static void appendAll(Subscription reply, VectorSchemaRoot table) throws InterruptedException {
        table.allocateNew();
        for (ReceivedBatch page = reply.next(); page != null; page = reply.next()) {
            try (ReceivedBatch owned = page) {
                VectorSchemaRootAppender.append(table, owned.root());
            }
        }
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
