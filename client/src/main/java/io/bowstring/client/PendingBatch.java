package io.bowstring.client;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcRecordBatch;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A batch that is published and not acknowledged yet, with the dictionaries that have changed right before it. Owns the
 * messages. Handed from the publishing thread to the event loop.
 */
final class PendingBatch {
    private final long sequence;
    private final List<IpcDictionaryBatch> dictionaries;
    private final IpcRecordBatch batch;
    private final long bytes;
    private final CompletableFuture<Receipt> receipt = new CompletableFuture<>();

    /** Takes over the messages; the batch has its number already. */
    PendingBatch(long sequence, List<IpcDictionaryBatch> dictionaries, IpcRecordBatch batch) {
        this.sequence = sequence;
        this.dictionaries = dictionaries;
        this.batch = batch;
        this.bytes = batch.frameBytes()
                + dictionaries.stream()
                        .mapToLong(IpcDictionaryBatch::frameBytes)
                        .sum();
    }

    long sequence() {
        return sequence;
    }

    long bytes() {
        return bytes;
    }

    CompletableFuture<Receipt> receipt() {
        return receipt;
    }

    void writeTo(Link link) {
        for (IpcDictionaryBatch dictionary : dictionaries) {
            link.write(dictionary.retain());
        }
        link.write(batch.retain());
    }

    /** Releases the batch; the dictionaries are in force from here on. */
    void acknowledge(HeldDictionaries held, Receipt given) {
        batch.release();
        dictionaries.forEach(held::add);
        receipt.complete(given);
    }

    void fail(ClientException reason) {
        batch.release();
        dictionaries.forEach(IpcDictionaryBatch::release);
        receipt.completeExceptionally(reason);
    }
}
