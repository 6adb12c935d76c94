package io.bowstring.storage;

import io.bowstring.broker.Chunk;
import io.bowstring.broker.DurableLog.KeptProducer;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.ProducerMark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the publishers that number their batches have come in a log: those that have published last, as many as the topic remembers of
 * each kind. Of those with an id for one life there are only as many as there is room for beside the others. Each segment begins with
 * what had been so far, and its batches say how it continued. Confined to one thread at a time.
 *
 * <pre>
 *   digest ":" last sequence ":" its offset, digest ":" ...
 * </pre>
 */
final class KeptProducers {
    /** So many are kept of both kinds; more would make the schema larger than servers take. */
    static final int MAX = 1_000;

    private final int maxOfKind;

    // Both in the order in which they published last.
    private final Map<String, KeptProducer> oneLife = new LinkedHashMap<>();
    private final Map<String, KeptProducer> named = new LinkedHashMap<>();

    /**
     * Creates none.
     *
     * @param maxOfKind how many are kept of those with an id for one life, and of the others, at most
     */
    KeptProducers(int maxOfKind) {
        this.maxOfKind = maxOfKind;
    }

    /** Notes what a batch says, if its publisher has numbered it. */
    void add(Map<String, String> entries) {
        ProducerMark mark = ProducerMark.parse(entries);
        if (mark != null) {
            add(new KeptProducer(
                    mark.producer(),
                    mark.sequence().value(),
                    BatchPosition.parse(entries).offset()));
        }
    }

    /** Notes what the batches of a chunk, borrowed, say. */
    void add(Chunk chunk) {
        for (int i = 0; i < chunk.batchCount(); i++) {
            IpcRecordBatch batch = chunk.batch(i);
            try {
                add(batch.customMetadata());
            } finally {
                batch.release();
            }
        }
    }

    private void add(KeptProducer producer) {
        Map<String, KeptProducer> kind = ProducerId.isDigestForOneLife(producer.digest()) ? oneLife : named;
        kind.remove(producer.digest());
        kind.put(producer.digest(), producer);
        if (kind.size() > maxOfKind) {
            removeOldest(kind);
        } else if (oneLife.size() + named.size() > MAX) {
            removeOldest(oneLife.isEmpty() ? named : oneLife);
        }
    }

    private static void removeOldest(Map<String, KeptProducer> kind) {
        kind.remove(kind.keySet().iterator().next());
    }

    /** Returns all of them: those for one life first, and of each kind those first that have published first. */
    List<KeptProducer> all() {
        List<KeptProducer> all = new ArrayList<>(oneLife.values());
        all.addAll(named.values());
        return all;
    }

    /** Adds those that a segment begins with, as {@link #toString} has written them. */
    void parse(String text) {
        for (String each : text.split(",", -1)) {
            String[] parts = each.split(":", -1);
            if (parts.length == 3) {
                add(new KeptProducer(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])));
            }
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (KeptProducer producer : all()) {
            text.append(text.isEmpty() ? "" : ",")
                    .append(producer.digest())
                    .append(':')
                    .append(producer.lastSequence())
                    .append(':')
                    .append(producer.lastOffset());
        }
        return text.toString();
    }
}
