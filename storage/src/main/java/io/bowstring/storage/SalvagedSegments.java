package io.bowstring.storage;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProducerMark;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Segments that are made of the messages in a file that are whole, each of batches that follow one another. Owns the one that is being
 * written. Confined to one thread.
 */
final class SalvagedSegments implements Closeable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final LogFiles files;
    private final IpcSchema schema;
    private final KeptProducers producers;
    private final NavigableMap<Long, Long> taken;

    private @Nullable SegmentWriter writer;
    private long timeMicros;

    /** Dictionary batches before the first batch. */
    private final List<IpcDictionaryBatch> heads = new ArrayList<>();

    /**
     * Creates none.
     *
     * @param schema of the topic, with the log's id; borrowed
     * @param producers those that have numbered batches before
     * @param taken the offsets that segments have, from one on until another; gets those that are made
     */
    SalvagedSegments(LogFiles files, IpcSchema schema, KeptProducers producers, NavigableMap<Long, Long> taken) {
        this.files = files;
        this.schema = schema;
        this.producers = producers;
        this.taken = taken;
    }

    /**
     * Reads a file from its beginning until its end.
     *
     * @param source borrowed
     * @param hasHead whether it begins with a schema that is whole
     */
    void readAll(DiskFile source, boolean hasHead) throws IOException {
        boolean hasDictionaries = !schema.dictionaryIds().isEmpty();
        StoredMessages messages = new StoredMessages(source, source.size(), CHUNK_BYTES);
        boolean isWhole = hasHead;
        long at = 0;
        while (true) {
            if (!isWhole && (hasDictionaries || !messages.tryFind(at))) {
                return;
            }
            at = messages.position() + 1;
            isWhole = tryTake(messages);
            while (isWhole) {
                at = messages.position();
                isWhole = tryTake(messages);
            }
        }
    }

    /** Takes the next message; returns false where there is none that is whole. */
    private boolean tryTake(StoredMessages messages) throws IOException {
        IpcMessage message = messages.next();
        if (message == null) {
            return false;
        }
        try {
            FrameChecksum.require(message.frame());
            if (message instanceof IpcDictionaryBatch dictionary) {
                takeDictionary(dictionary);
            } else if (message instanceof IpcRecordBatch batch) {
                take(batch);
            }
            return true;
        } catch (IpcException | ProtocolException e) {
            return false;
        } finally {
            message.release();
        }
    }

    private void takeDictionary(IpcDictionaryBatch dictionary) throws IOException {
        if (writer == null) {
            heads.add(dictionary.retain());
        } else {
            write(writer, dictionary, new RangeContent(writer.index().nextOffset(), timeMicros, 0, true, false));
        }
    }

    private void take(IpcRecordBatch batch) throws IOException {
        Map<String, String> entries = batch.customMetadata();
        BatchPosition mark = BatchPosition.parse(entries);
        boolean isNumbered = ProducerMark.parse(entries) != null;
        if (mark.offset() < 0 || isTaken(mark.offset())) {
            producers.add(entries);
            return;
        }
        SegmentWriter present = writer;
        boolean follows =
                present != null && present.index().nextOffset() == mark.offset() && mark.timeMicros() >= timeMicros;
        if (present == null || !follows) {
            finish();
            present = begin(mark.offset());
        }
        timeMicros = mark.timeMicros();
        write(present, batch, new RangeContent(mark.offset() + 1, timeMicros, batch.rowCount(), false, isNumbered));
        producers.add(entries);
    }

    private boolean isTaken(long offset) {
        Map.Entry<Long, Long> entry = taken.floorEntry(offset);
        return entry != null && offset < entry.getValue();
    }

    private static void write(SegmentWriter to, IpcMessage message, RangeContent content) throws IOException {
        to.write(message.frame().nioBuffers(), content);
    }

    private SegmentWriter begin(long offset) throws IOException {
        SegmentWriter begun = SegmentWriter.create(files.disk(), files.names(), offset);
        writer = begun;
        SegmentHead head = new SegmentHead(
                schema.retain(), files.topic(), SegmentHead.logId(schema), producers, UnpooledByteBufAllocator.DEFAULT);
        IpcSchema first = head.next(false);
        try {
            write(begun, first, new RangeContent(offset, 0, 0, false, false));
        } finally {
            first.release();
            head.release();
        }
        for (IpcDictionaryBatch dictionary : heads) {
            write(begun, dictionary, new RangeContent(offset, 0, 0, true, false));
        }
        return begun;
    }

    private void finish() throws IOException {
        SegmentWriter present = writer;
        if (present != null) {
            writer = null;
            try (present) {
                present.finish();
            }
            taken.put(present.index().firstOffset(), present.index().nextOffset());
        }
    }

    @Override
    public void close() throws IOException {
        heads.forEach(IpcDictionaryBatch::release);
        heads.clear();
        finish();
    }
}
