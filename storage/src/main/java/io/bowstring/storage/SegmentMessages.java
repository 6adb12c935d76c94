package io.bowstring.storage;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcLimits;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.codec.IpcVerification;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a segment, from the beginning of one range or another on; the schema, which is in the first range, comes
 * before all others. Ranges are read whole, small ones that follow one another together, and messages are slices of what has
 * been read.
 *
 * <p>Owns what it has read, and is a reader of the segment. Confined to one thread, which waits for the disk.
 */
final class SegmentMessages implements Closeable {
    /** How many bytes of ranges are read at once, unless one has more. */
    static final int READ_BYTES = 1 << 20;

    private final StoredSegment segment;
    private final SegmentIndex index;
    private final IntFunction<ByteBuf> allocator;
    private final IpcStreamReader reader = new IpcStreamReader(
            IpcDecoderConfig.DEFAULTS.withLimits(IpcLimits.UNLIMITED).withVerification(IpcVerification.FRAMING));

    // What has been read: the ranges from one on until another.
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    private int firstRange;
    private int nextRange;

    /** Where in the file the bytes' index 0 is. */
    private long origin;

    /** Of the next batch. */
    private long offset;

    // The last message.
    private int lastIndex;
    private int lastBytes;
    private boolean isLastBatch;

    /** The last message is in this range or one after it. */
    private int lastRange;

    private @Nullable DamagedRangeException failure;

    /**
     * Creates messages from none of which has been read.
     *
     * @param segment with a reader, which this becomes
     * @param allocator returns an owned buffer with room for so many bytes, in one piece
     */
    SegmentMessages(StoredSegment segment, IntFunction<ByteBuf> allocator) {
        this.segment = segment;
        this.index = segment.index();
        this.allocator = allocator;
        this.offset = index.firstOffset();
    }

    StoredSegment segment() {
        return segment;
    }

    /** Returns the offset of the next batch. */
    long offset() {
        return offset;
    }

    /** Returns the range after those that have been read. */
    int nextRange() {
        return nextRange;
    }

    /** Continues at the beginning of a range; what has been read goes. */
    void goTo(int range) {
        drop();
        nextRange = range;
        offset = index.firstOffset(range);
    }

    /** Returns whether something has been read that has not been taken. */
    boolean isReadable() {
        return bytes.isReadable();
    }

    /**
     * Reads on, when all has been taken: the next range, and as many after it as are small.
     *
     * @param isWanted whether a range is to be read; ranges after one that is not are not
     * @return whether anything has been read
     * @throws IOException where nothing has changed, and the same can be tried again
     */
    boolean load(IntPredicate isWanted) throws IOException {
        requireWhole();
        int size = index.size();
        if (nextRange >= size || !isWanted.test(nextRange)) {
            return false;
        }
        long start = index.start(nextRange);
        int until = nextRange + 1;
        while (until < size && index.start(until + 1) - start <= READ_BYTES && isWanted.test(until)) {
            until++;
        }
        ByteBuf read;
        try {
            read = segment.read(nextRange, until, allocator);
        } catch (DamagedRangeException e) {
            if (e.start() == start) {
                throw e;
            }
            until = index.rangeAt(e.start()); // those before it first
            read = segment.read(nextRange, until, allocator);
        }
        drop();
        bytes = read;
        origin = start - read.readerIndex();
        firstRange = nextRange;
        lastRange = nextRange;
        nextRange = until;
        return true;
    }

    /** Lets go of what has been read. */
    private void drop() {
        ByteBuf read = bytes;
        bytes = Unpooled.EMPTY_BUFFER;
        read.release();
    }

    /**
     * Returns the next message of what has been read; owned.
     *
     * @throws DamagedRangeException where there is none that is whole, or the ranges have other batches than the index says; and
     *     from then on always
     */
    IpcMessage next() throws DamagedRangeException {
        requireWhole();
        lastIndex = bytes.readerIndex();
        IpcMessage message;
        try {
            message = reader.next(bytes);
        } catch (IpcException e) {
            throw damaged(String.valueOf(e.getMessage()), "messages as they were written");
        }
        if (message == null) {
            throw damaged("a part of a message at the end", "whole messages");
        }
        lastBytes = message.frameBytes();
        isLastBatch = message instanceof IpcRecordBatch;
        offset += isLastBatch ? 1 : 0;
        long expected = index.firstOffset(nextRange);
        if (offset > expected || (!bytes.isReadable() && offset < expected)) {
            message.release();
            throw damaged("batches until " + offset, "until " + expected);
        }
        return message;
    }

    private void requireWhole() throws DamagedRangeException {
        if (failure != null) {
            throw failure;
        }
    }

    private DamagedRangeException damaged(String found, String expected) {
        DamagedRangeException damaged =
                segment.damaged(index.start(firstRange), index.start(nextRange), found, expected);
        failure = damaged;
        return damaged;
    }

    /** Returns to before the last message, which is not the end of the stream. */
    void back() {
        bytes.readerIndex(lastIndex);
        offset -= isLastBatch ? 1 : 0;
    }

    /** Returns where in the file the last message begins. */
    long position() {
        return origin + lastIndex;
    }

    /** Returns the range in which the last message is. */
    int range() {
        while (index.start(lastRange + 1) <= position()) {
            lastRange++;
        }
        return lastRange;
    }

    /** Returns how many bytes the last message has. */
    int frameBytes() {
        return lastBytes;
    }

    /**
     * Returns bytes of the file from a position on; they have been taken, the last of them just now. Owned. What has been read goes,
     * where all of it has been taken.
     */
    ByteBuf slice(long position, int length) {
        ByteBuf slice = bytes.retainedSlice((int) (position - origin), length);
        if (!bytes.isReadable()) {
            drop();
        }
        return slice;
    }

    /**
     * Reads dictionary batches that have been found before, alone; their ranges are as they were written, just now.
     *
     * @param to gets the batches; owned
     */
    void readAgain(List<DictionaryPlaces.Place> places, List<IpcDictionaryBatch> to) throws IOException {
        long count = places.stream().mapToLong(DictionaryPlaces.Place::bytes).sum();
        if (count == 0) {
            return;
        }
        for (DictionaryPlaces.Place place : places) {
            segment.compare(place.range(), allocator);
        }
        ByteBuf read = allocator.apply(Math.toIntExact(count));
        try {
            for (DictionaryPlaces.Place place : places) {
                segment.readTo(read, place.position(), place.bytes());
            }
            while (read.isReadable() && reader.next(read) instanceof IpcDictionaryBatch batch) {
                to.add(batch);
            }
        } finally {
            read.release();
        }
    }

    @Override
    public void close() {
        drop();
        segment.release();
    }
}
