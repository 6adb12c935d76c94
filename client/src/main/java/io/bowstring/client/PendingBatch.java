package io.bowstring.client;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.util.IllegalReferenceCountException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch that is published and not acknowledged yet, with the dictionaries that have changed right before it. Owns the
 * messages. Handed from the publishing thread to the event loop.
 */
final class PendingBatch {
    private static final Logger LOG = LoggerFactory.getLogger(PendingBatch.class);

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
        long sum = batch.frameBytes();
        for (int i = 0; i < dictionaries.size(); i++) {
            sum += dictionaries.get(i).frameBytes();
        }
        this.bytes = sum;
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

    /**
     * Releases the batch; the dictionaries are in force from here on.
     *
     * @throws RuntimeException or an {@link Error} where that cannot be: nothing is left here all the same
     */
    void acknowledge(HeldDictionaries held, Receipt given) {
        try {
            handOver(held);
            batch.release();
        } finally {
            receipt.complete(given);
        }
    }

    private void handOver(HeldDictionaries held) {
        int added = 0;
        try {
            while (added < dictionaries.size()) {
                held.add(dictionaries.get(added++));
            }
        } catch (RuntimeException | Error e) {
            release(batch);
            dictionaries.subList(added, dictionaries.size()).forEach(PendingBatch::release);
            throw e;
        }
    }

    void fail(ClientException reason) {
        release(batch);
        dictionaries.forEach(PendingBatch::release);
        receipt.completeExceptionally(reason);
    }

    private static void release(IpcMessage message) {
        try {
            message.release();
        } catch (IllegalReferenceCountException e) {
            LOG.error(
                    "a batch was released after it had been given to the publisher",
                    e); // others wait to hear of its end
        }
    }
}
