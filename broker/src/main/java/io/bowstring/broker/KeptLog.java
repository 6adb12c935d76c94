package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import java.util.List;

/**
 * A {@link DurableLog} as it is when it is opened. Owns one reference to the schema, which whoever takes the log releases. Immutable.
 */
public final class KeptLog {
    private final String id;
    private final IpcSchema schema;
    private final long nextOffset;
    private final long lastTimeMicros;
    private final boolean isSealed;
    private final List<DurableLog.KeptProducer> producers;

    /**
     * Creates one.
     *
     * @param id which log it is
     * @param schema of the topic; the log's own entries in it do no harm; consumed
     * @param nextOffset of the next batch
     * @param lastTimeMicros when its last batch was appended, in microseconds since the epoch; no batch to come is older
     * @param producers how far those that number their batches have come
     */
    public KeptLog(
            String id,
            IpcSchema schema,
            long nextOffset,
            long lastTimeMicros,
            boolean isSealed,
            List<DurableLog.KeptProducer> producers) {
        this.id = id;
        this.schema = schema;
        this.nextOffset = nextOffset;
        this.lastTimeMicros = lastTimeMicros;
        this.isSealed = isSealed;
        this.producers = List.copyOf(producers);
    }

    public String id() {
        return id;
    }

    /** Returns the schema; borrowed. */
    public IpcSchema schema() {
        return schema;
    }

    public long nextOffset() {
        return nextOffset;
    }

    public long lastTimeMicros() {
        return lastTimeMicros;
    }

    public boolean isSealed() {
        return isSealed;
    }

    public List<DurableLog.KeptProducer> producers() {
        return producers;
    }
}
