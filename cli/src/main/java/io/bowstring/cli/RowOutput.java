package io.bowstring.cli;

import io.bowstring.client.ReceivedBatch;
import io.bowstring.client.Subscription;
import io.bowstring.codec.IpcMessage;
import io.bowstring.text.RowPrinter;
import io.bowstring.vector.VectorBatch;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Prints rows. Not instantiable. */
final class RowOutput {
    private RowOutput() {}

    /**
     * Writes the rows as they arrive, until it ends or {@code limit} rows are written.
     *
     * @param messages those after the schema; borrowed
     * @param batches makes vectors of its messages; borrowed
     * @param allocator for an empty table; borrowed
     * @throws IOException if they cannot be written
     * @throws io.bowstring.codec.IpcException if they cannot be decoded
     */
    static void printAll(
            MessageFlow messages, ShownBatches batches, BufferAllocator allocator, RowPrinter printer, long limit)
            throws IOException, InterruptedException {
        long left = limit;
        while (left > 0) {
            IpcMessage message = messages.next();
            if (message == null) {
                break;
            }
            VectorBatch batch = batches.read(message);
            if (batch == null) {
                continue;
            }
            try (batch) {
                int rowCount = (int) Math.min(left, batch.rowCount());
                if (rowCount > 0) {
                    printer.print(batch.root(), batch.dictionaries(), rowCount);
                }
                left -= rowCount;
            }
        }
        if (left == limit) {
            printNone(VectorSchemaRoot.create(batches.schema(), allocator), printer);
        }
    }

    /** Writes all batches of a listing, or its columns alone where it has no rows; both arguments are borrowed. */
    static void printListing(Subscription listing, BufferAllocator allocator, RowPrinter printer)
            throws IOException, InterruptedException {
        boolean isEmpty = true;
        for (ReceivedBatch next = listing.next(); next != null; next = listing.next()) {
            try (ReceivedBatch batch = next) {
                isEmpty &= batch.rowCount() == 0;
                printer.print(batch.root(), batch.dictionaries(), batch.rowCount());
            }
        }
        if (isEmpty) {
            printNone(VectorSchemaRoot.create(listing.schema(), allocator), printer);
        }
    }

    private static void printNone(VectorSchemaRoot none, RowPrinter printer) throws IOException {
        try (none) {
            printer.print(none, new DictionaryProvider.MapDictionaryProvider(), 0);
        }
    }
}
