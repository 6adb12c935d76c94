package io.bowstring.storage;

import io.bowstring.broker.Chunk;
import io.bowstring.broker.FilePart;
import io.bowstring.broker.LogPiece;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.netty.buffer.ByteBuf;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the batches of a segment from an offset on, each with the dictionaries that it needs.
 *
 * <p>Is a reader of the segment, and owns what it has read. Confined to one thread, which waits for the disk.
 */
final class SegmentReader implements Closeable {
    private final SegmentIndex index;
    private final SegmentMessages messages;

    /** The dictionaries in force at the next message. */
    private final DictionaryPlaces inForce;

    /** Those that come before the next batch; owned. */
    private List<IpcDictionaryBatch> waiting = new ArrayList<>();

    private SegmentReader(StoredSegment segment, IntFunction<ByteBuf> allocator) {
        this.index = segment.index();
        this.messages = new SegmentMessages(segment, allocator);
        this.inForce = new DictionaryPlaces(segment);
    }

    /**
     * Begins to read at a batch that the segment has.
     *
     * @param segment with a reader, which the new one becomes, and which lets go also where this throws
     * @param before what has been read before, and has come to its end right before the batch; null where the next piece is to
     *     have all dictionaries that are in force. Borrowed
     * @param allocator returns an owned buffer with room for so many bytes, in one piece
     */
    static SegmentReader open(
            StoredSegment segment, long offset, @Nullable SegmentReader before, IntFunction<ByteBuf> allocator)
            throws IOException {
        SegmentReader reader = new SegmentReader(segment, allocator);
        try {
            reader.goTo(offset);
            reader.messages.readAgain(reader.inForce.after(before == null ? null : before.inForce), reader.waiting);
            return reader;
        } catch (Throwable e) {
            reader.close();
            throw e;
        }
    }

    private void goTo(long offset) throws IOException {
        int range = index.rangeOf(offset);
        if (range > 0) {
            messages.goTo(0);
            takeDictionaries(1, new ArrayList<>()); // beside the schema, which all need
            takeDictionariesBefore(range);
        }
        messages.goTo(range);
        messages.load(next -> next == range);
        while (true) {
            IpcMessage message = messages.next();
            message.release();
            if (message instanceof IpcRecordBatch && messages.offset() > offset) {
                messages.back();
                return;
            }
            putInForce(message);
        }
    }

    /** Puts the dictionaries in force that stand before a range, but for those of the first one: those that others have found are known. */
    private void takeDictionariesBefore(int range) throws IOException {
        KnownDictionaries known = segment().dictionaries();
        int from = known.putInForce(range, inForce);
        while (from < range) {
            List<KnownDictionaries.Known> found = new ArrayList<>();
            messages.goTo(from);
            if (index.get(from).hasDictionaries()) {
                takeDictionaries(range, found);
            } else {
                messages.goTo(from + 1);
            }
            known.add(from, messages.nextRange(), found);
            from = messages.nextRange();
        }
    }

    /**
     * Puts the dictionaries of the next range in force, and those of ranges after it that are read with it.
     *
     * @param found gets them
     */
    private void takeDictionaries(int until, List<KnownDictionaries.Known> found) throws IOException {
        messages.load(range -> range < until && (range == 0 || index.get(range).hasDictionaries()));
        while (messages.isReadable()) {
            IpcMessage message = messages.next();
            message.release();
            if (message instanceof IpcDictionaryBatch dictionary) {
                DictionaryPlaces.Place place = putInForce(dictionary);
                found.add(new KnownDictionaries.Known(dictionary.id(), dictionary.isDelta(), place));
            }
        }
    }

    /** Notes where the last message stands, if it is a dictionary; it may have been released. */
    private void putInForce(IpcMessage message) {
        if (message instanceof IpcDictionaryBatch dictionary) {
            putInForce(dictionary);
        }
    }

    /** Notes where the last message stands, a dictionary, which may have been released. */
    private DictionaryPlaces.Place putInForce(IpcDictionaryBatch dictionary) {
        DictionaryPlaces.Place place =
                new DictionaryPlaces.Place(messages.position(), messages.frameBytes(), messages.range());
        inForce.add(dictionary.id(), dictionary.isDelta(), place);
        return place;
    }

    StoredSegment segment() {
        return messages.segment();
    }

    /** Returns whether the segment has more batches. */
    boolean hasMore() {
        return index.nextOffset() > messages.offset();
    }

    /**
     * Returns the next batches, as many as have about a mebibyte and need no other dictionaries; owned. Null where there are no
     * more.
     *
     * @param until the offset of the first batch that is not read
     * @throws DamagedRangeException where the segment is damaged, and from then on always
     * @throws IOException where the disk fails; the same can be tried again
     */
    @Nullable
    LogPiece next(long until) throws IOException {
        while (messages.offset() < until
                && (messages.isReadable() || messages.load(range -> index.firstOffset(range) < until))) {
            IpcMessage message = messages.next();
            if (message instanceof IpcDictionaryBatch dictionary) {
                waiting.add(dictionary);
                putInForce(dictionary);
            } else {
                message.release();
                if (message instanceof IpcRecordBatch) {
                    return piece(until);
                }
            }
        }
        return null;
    }

    /** Returns what begins with the last message, a batch; owned. */
    private LogPiece piece(long until) throws DamagedRangeException {
        long firstOffset = messages.offset() - 1;
        long start = messages.position();
        int[] ends = new int[4];
        ends[0] = messages.frameBytes();
        int count = 1;
        while (messages.isReadable() && messages.offset() < until) {
            IpcMessage message = messages.next();
            message.release();
            if (message instanceof IpcDictionaryBatch) {
                messages.back();
                break;
            }
            if (message instanceof IpcRecordBatch) {
                int end = ends[count - 1] + messages.frameBytes();
                if (end > SegmentMessages.READ_BYTES) {
                    messages.back();
                    break;
                }
                ends = count == ends.length ? Arrays.copyOf(ends, 2 * count) : ends;
                ends[count++] = end;
            }
        }
        int[] allEnds = Arrays.copyOf(ends, count);
        Chunk chunk = Chunk.of(firstOffset, messages.slice(start, ends[count - 1]), allEnds);
        List<IpcDictionaryBatch> dictionaries = waiting;
        waiting = new ArrayList<>();
        return new LogPiece(dictionaries, chunk);
    }

    /**
     * Returns the next ranges as parts of the file, owned, if {@link #next} would read them now, they have batches alone and have been
     * written or compared with their checksums within the last minute; then they have been passed. Else null, and nothing has changed.
     *
     * @param until the offset of the first batch that is not wanted
     * @param maxBytes of all ranges, unless the first one has more
     */
    @Nullable
    FilePart nextFile(long until, long maxBytes) {
        FileChannel channel = segment().openFile().channel();
        if (messages.isReadable() || !waiting.isEmpty() || channel == null) {
            return null;
        }
        int from = messages.nextRange();
        int end = from;
        int size = index.size();
        while (end < size
                && isSendable(end, until)
                && (end == from || index.start(end + 1) - index.start(from) <= maxBytes)) {
            end++;
        }
        return end == from ? null : part(channel, from, end);
    }

    private FilePart part(FileChannel channel, int from, int end) {
        long position = index.start(from);
        long firstOffset = index.firstOffset(from);
        StoredSegment reading = segment().retain();
        try {
            FilePart part = new FilePart(
                    channel,
                    position,
                    index.start(end) - position,
                    firstOffset,
                    index.firstOffset(end) - firstOffset,
                    reading::release);
            messages.goTo(end);
            return part;
        } catch (OutOfMemoryError e) {
            reading.release();
            throw e;
        }
    }

    private boolean isSendable(int range, long until) {
        IndexEntry entry = index.get(range);
        boolean hasOthers = range == 0 || entry.hasDictionaries() || entry.isEnd();
        return !hasOthers && entry.nextOffset() <= until && segment().isChecked(range);
    }

    @Override
    public void close() {
        waiting.forEach(IpcDictionaryBatch::release);
        waiting.clear();
        messages.close();
    }
}
