package io.bowstring.cli;

import io.bowstring.client.Subscriber;
import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Writes rows as text. Confined to the caller's thread. */
interface RowPrinter {
    /**
     * Writes rows and flushes.
     *
     * @param batch borrowed
     * @param dictionaries of the batch; borrowed
     * @param rowCount how many of its rows, from the first on
     */
    void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException;

    /**
     * Writes the rows of a subscription as they arrive, until it ends or {@code limit} rows are written.
     *
     * @param subscriber borrowed
     * @throws IOException if they cannot be written
     * @throws CommandException if they cannot be decoded
     */
    static void printAll(Subscriber subscriber, RowPrinter printer, long limit)
            throws IOException, InterruptedException {
        try (DecodedBatches batches = new DecodedBatches(subscriber)) {
            long left = limit;
            for (VectorSchemaRoot batch = batches.next(); batch != null; batch = batches.next()) {
                int rowCount = (int) Math.min(left, batch.getRowCount());
                if (rowCount > 0) {
                    printer.print(batch, batches.dictionaries(), rowCount);
                }
                left -= rowCount;
                if (left == 0) {
                    return;
                }
            }
            if (left == limit) {
                printer.print(batches.empty(), batches.dictionaries(), 0);
            }
        }
    }
}
