package io.bowstring.storage;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ProducerMark;
import io.bowstring.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Checks the messages of a segment, one after another: their checksums, their order, and that each range has what its entry says. After
 * one that is damaged it continues at the next range. Confined to one thread.
 */
final class MessagesCheck {
    private static final int CHUNK_BYTES = 1 << 20;

    private final SegmentFiles files;
    private final Path file;
    private final Findings findings;

    private List<IpcField> fields = List.of();
    private String logId = "";
    private boolean hasHead;

    private long nextOffset;
    private long batches;
    private long firstTime = Long.MAX_VALUE;
    private long lastTime = Long.MIN_VALUE;
    private boolean isEnded;
    private long end;

    private final BitSet faulty = new BitSet();

    // Of the range that is being read.
    private int range;
    private long rows;
    private boolean hasDictionaries;
    private boolean isNumbered;

    /** Whether all of the ranges so far was whole, so that rows have been counted. */
    private boolean isWhole = true;

    MessagesCheck(SegmentFiles files, long firstOffset, Findings findings) {
        this.files = files;
        this.file = files.segment(firstOffset);
        this.findings = findings;
        this.nextOffset = firstOffset;
    }

    /**
     * Checks all messages of a segment.
     *
     * @param segment borrowed
     * @param isWritten whether a server may be writing what the index does not know
     */
    void run(DiskFile segment, long size, SegmentIndex index, boolean isWritten) throws IOException {
        StoredMessages messages = new StoredMessages(segment, size, CHUNK_BYTES);
        while (end < size && !isEnded) {
            IpcMessage message = messages.next();
            if (message != null) {
                try {
                    if (isWritten && end >= index.end() && !isAsWritten(message)) {
                        return; // not all of it is there yet
                    }
                    take(message, messages.position());
                } finally {
                    message.release();
                }
                end = messages.position();
                compareRanges(index);
            } else if (!trySkipRange(messages, size, index)) {
                return;
            }
        }
    }

    private static boolean isAsWritten(IpcMessage message) {
        try {
            if (!(message instanceof IpcEndOfStream)) {
                FrameChecksum.require(message.frame());
            }
            return true;
        } catch (IpcException e) {
            return false;
        }
    }

    /** Goes to the range after the one that is damaged; returns false where there is none. */
    private boolean trySkipRange(StoredMessages messages, long size, SegmentIndex index) throws IOException {
        if (end >= index.end()) {
            return false;
        }
        IndexEntry entry = index.get(range);
        fault("byte " + end, "no whole message", "one, in the range until byte " + entry.end());
        nextOffset = entry.nextOffset();
        lastTime = Math.max(lastTime, entry.timeMicros());
        isWhole = false;
        isEnded = entry.isEnd();
        end = entry.end();
        startRange();
        return end < size && !isEnded && messages.tryFind(end) && messages.position() == end;
    }

    private void startRange() {
        range++;
        hasDictionaries = false;
        isNumbered = false;
    }

    private void take(IpcMessage message, long until) {
        String place = "bytes " + end + " to " + until;
        if (message instanceof IpcEndOfStream) {
            isEnded = true;
            return;
        }
        try {
            FrameChecksum.require(message.frame());
        } catch (IpcException e) {
            fault(place, String.valueOf(e.getMessage()), "");
        }
        if (message instanceof IpcSchema schema) {
            takeHead(schema, place);
        } else if (message instanceof IpcDictionaryBatch) {
            hasDictionaries = true;
        } else if (message instanceof IpcRecordBatch batch) {
            try {
                takeBatch(batch, place);
            } catch (ProtocolException | IpcException e) {
                fault(place, String.valueOf(e.getMessage()), "");
                nextOffset++;
            }
        }
    }

    private void takeHead(IpcSchema schema, String place) {
        String topic = StorageDirectory.name(files.directory());
        String found = schema.schemaMetadata().getOrDefault(SegmentHead.TOPIC, "absent");
        if (!found.equals(topic)) {
            fault(place, SegmentHead.TOPIC + ": " + found, topic + ", as the directory says");
        }
        fields = schema.fields();
        logId = SegmentHead.logId(schema);
        hasHead = true;
    }

    private void takeBatch(IpcRecordBatch batch, String place) {
        Map<String, String> entries = batch.customMetadata();
        BatchPosition mark = BatchPosition.parse(entries);
        isNumbered |= ProducerMark.parse(entries) != null;
        if (mark.offset() != nextOffset) {
            fault(place, "offset " + mark.offset(), nextOffset);
        }
        if (mark.timeMicros() < lastTime) {
            fault(place, "time " + mark.timeMicros(), "at least " + lastTime + ", as the batch before");
        }
        nextOffset++;
        batches++;
        rows += batch.rowCount();
        firstTime = Math.min(firstTime, mark.timeMicros());
        lastTime = Math.max(lastTime, mark.timeMicros());
    }

    /** Compares the range that ends here, if one does, with its entry. */
    private void compareRanges(SegmentIndex index) {
        while (range < index.size() && index.get(range).end() <= end) {
            IndexEntry entry = index.get(range);
            String place = "range until byte " + entry.end();
            if (entry.end() < end) {
                fault(place, "a message until byte " + end, "a message that ends with the range");
            } else {
                compare(place, "next offset", nextOffset, entry.nextOffset());
                compare(place, "has dictionaries", hasDictionaries, entry.hasDictionaries());
                compare(
                        place,
                        "is numbered",
                        isNumbered || entry.isNumbered(),
                        entry.isNumbered()); // or others of its block
                compare(place, "is the end", isEnded, entry.isEnd());
                if (isWhole) {
                    compare(place, "rows", rows, entry.rows());
                }
                if (batches > 0) {
                    compare(place, "time", lastTime, entry.timeMicros());
                }
            }
            startRange();
        }
    }

    private void compare(String place, String what, Object found, Object indexed) {
        if (!found.equals(indexed)) {
            fault(place, what + ": " + found, indexed + ", as the index says");
        }
    }

    private void fault(String place, Object found, Object expected) {
        faulty.set(range);
        findings.fault(file, place, found, expected);
    }

    /** Returns whether there is a fault in a range that has been told. */
    boolean isFaulty(int told) {
        return faulty.get(told);
    }

    /** Returns where the last message ends, or the last range that is damaged. */
    long end() {
        return end;
    }

    boolean isEnded() {
        return isEnded;
    }

    long nextOffset() {
        return nextOffset;
    }

    long batches() {
        return batches;
    }

    boolean hasHead() {
        return hasHead;
    }

    List<IpcField> fields() {
        return fields;
    }

    String logId() {
        return logId;
    }

    long firstTime() {
        return firstTime;
    }

    long lastTime() {
        return lastTime;
    }
}
