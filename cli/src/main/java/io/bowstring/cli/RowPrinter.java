package io.bowstring.cli;

import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.codec.IpcException;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
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
     * @param subscription borrowed
     * @param allocator for an empty table; borrowed
     * @throws IOException if they cannot be written
     * @throws CommandException if they cannot be decoded
     */
    static void printAll(Subscription subscription, BufferAllocator allocator, RowPrinter printer, long limit)
            throws IOException, InterruptedException {
        try {
            if (!printRows(subscription, printer, limit)) {
                try (VectorSchemaRoot none = VectorSchemaRoot.create(subscription.schema(), allocator)) {
                    printer.print(none, new DictionaryProvider.MapDictionaryProvider(), 0);
                }
            }
        } catch (IpcException e) {
            throw new CommandException("cannot be decoded (--format arrow takes all): " + e.getMessage(), e);
        }
    }

    /** Returns whether there was a row. */
    private static boolean printRows(Subscription subscription, RowPrinter printer, long limit)
            throws IOException, InterruptedException {
        long left = limit;
        while (left > 0) {
            ReceivedBatch batch = subscription.next();
            if (batch == null) {
                break;
            }
            try (batch) {
                int rowCount = (int) Math.min(left, batch.rowCount());
                if (rowCount > 0) {
                    printer.print(batch.root(), batch.dictionaries(), rowCount);
                }
                left -= rowCount;
            }
        }
        return left < limit;
    }
}
