package io.bowstring.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who published a batch that is on disk, and under which number. Immutable.
 *
 * @param producer the {@linkplain ProducerId#digest() digest} of who
 * @param sequence the batch's number among those of the producer
 */
public record ProducerMark(String producer, BatchSequence sequence) {
    /**
     * Reads the mark in the {@code custom_metadata} of a batch; null where its publisher did not number it.
     *
     * @throws ProtocolException {@code BAD_REQUEST} where the number is none
     */
    public static @Nullable ProducerMark parse(Map<String, String> entries) {
        String producer = entries.get(Keys.PRODUCER);
        return producer == null ? null : new ProducerMark(producer, BatchSequence.parse(entries));
    }
}
