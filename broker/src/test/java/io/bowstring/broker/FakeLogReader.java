package io.bowstring.broker;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcStreamReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Reads what a {@link FakeDisk} keeps: batches that were taken with one another are a piece. Confined to the test's thread. */
final class FakeLogReader implements LogReader {
    private final FakeStorage storage;
    private final FakeDisk disk;
    private final IntFunction<ByteBuf> allocate;
    private IpcStreamReader dictionaries;
    private long offset;
    private int lastPiece = -1;
    private boolean isClosed;

    FakeLogReader(FakeStorage storage, FakeDisk disk, long offset, IntFunction<ByteBuf> allocate) {
        this.allocate = allocate;
        this.storage = storage;
        this.disk = disk;
        this.offset = offset;
        storage.openReaders++;
    }

    @Override
    public LogPiece next(long until) {
        require(!isClosed && until <= disk.committedOffset(), "a reader that is open, and what is committed");
        RuntimeException fault = storage.readFault;
        if (fault != null) {
            storage.readFault = null;
            throw fault;
        }
        Map.Entry<Long, FakeDisk.Batch> first = disk.batches.ceilingEntry(offset);
        if (first == null || first.getKey() >= until) {
            return null;
        }
        List<byte[]> frames = frames(first, until);
        LogPiece piece = piece(first.getKey(), frames, missing(first.getValue()));
        offset = first.getKey() + frames.size();
        lastPiece = first.getValue().piece();
        storage.pieces++;
        return piece;
    }

    /** Returns what was taken with a batch, from that on. */
    private List<byte[]> frames(Map.Entry<Long, FakeDisk.Batch> first, long until) {
        List<byte[]> frames = new ArrayList<>();
        for (long next = first.getKey(); next < until && frames.size() < storage.pieceBatches; next++) {
            FakeDisk.Batch batch = disk.batches.get(next);
            if (batch == null || batch.piece() != first.getValue().piece()) {
                break;
            }
            frames.add(batch.frame());
        }
        return frames;
    }

    @Override
    public FilePart nextFile(long until) {
        FakeDisk.Batch batch = disk.batches.get(offset);
        if (storage.file == null || batch == null || offset >= until || batch.piece() != lastPiece) {
            return null;
        }
        long count = frames(Map.entry(offset, batch), until).size();
        storage.openParts++;
        FilePart part = new FilePart(storage.file, 0, 1, offset, count, () -> storage.openParts--);
        offset += count;
        return part;
    }

    /** Returns the dictionaries that come before a batch. */
    private List<byte[]> missing(FakeDisk.Batch batch) {
        if (batch.piece() == lastPiece) {
            return List.of();
        }
        return batch.piece() == lastPiece + 1 && lastPiece >= 0 ? batch.own() : batch.inForce();
    }

    private LogPiece piece(long firstOffset, List<byte[]> frames, List<byte[]> before) {
        List<IpcDictionaryBatch> read = new ArrayList<>();
        try {
            for (byte[] dictionary : before) {
                ByteBuf memory = allocate.apply(dictionary.length).writeBytes(dictionary);
                try {
                    read.add((IpcDictionaryBatch) dictionaries().next(memory));
                } finally {
                    memory.release();
                }
            }
            int[] ends = new int[frames.size()];
            int bytes = 0;
            for (int i = 0; i < ends.length; i++) {
                bytes += frames.get(i).length;
                ends[i] = bytes;
            }
            ByteBuf memory = allocate.apply(bytes);
            frames.forEach(memory::writeBytes);
            return new LogPiece(read, new Chunk(firstOffset, memory, 0, ends));
        } catch (RuntimeException | Error e) {
            read.forEach(IpcDictionaryBatch::release);
            throw e;
        }
    }

    private IpcStreamReader dictionaries() {
        if (dictionaries == null) {
            dictionaries = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
            dictionaries.next(Unpooled.wrappedBuffer(disk.schema)).release();
        }
        return dictionaries;
    }

    @Override
    public void close() {
        require(!isClosed, "a reader that is open");
        isClosed = true;
        storage.openReaders--;
    }

    private static void require(boolean isSo, String what) {
        if (!isSo) {
            throw new IllegalStateException("reader (expected: " + what + ")");
        }
    }
}
