package io.bowstring.broker;

import io.bowstring.codec.IpcDecoderConfig;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcStreamReader;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.TopicName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * A log of a {@link FakeStorage}. It fails on a call that {@link DurableLog} rules out. Confined to the test's thread.
 */
final class FakeLog implements DurableLog {
    private final FakeStorage storage;
    private final TopicName name;
    private final Owner owner;
    private FakeDisk disk;
    private AppendedBatches appended;
    private boolean isOpening;
    private boolean isOpen;
    private boolean isOver;
    private boolean isSealing;
    private long toDrop;

    /** How many times it has been told that there is something to take. */
    int tellings;

    private CompletableFuture<Void> closing;

    FakeLog(FakeStorage storage, TopicName name, Owner owner) {
        this.storage = storage;
        this.name = name;
        this.owner = owner;
        this.disk = new FakeDisk();
    }

    // What the test has it do.

    /** It has been opened. */
    void opened() {
        require(isOpening, "open");
        isOpening = false;
        isOpen = true;
        if (storage.isKept(name)) {
            disk = storage.disk(name);
            owner.onOpened(new KeptLog(
                    disk.id, schema(), disk.committedOffset(), disk.lastTimeMicros(), disk.isSealed, disk.producers));
        } else {
            owner.onOpened(null);
        }
    }

    private IpcSchema schema() {
        IpcStreamReader reader = new IpcStreamReader(IpcDecoderConfig.DEFAULTS);
        return (IpcSchema) reader.next(Unpooled.wrappedBuffer(disk.schema));
    }

    /** It could not be opened. */
    void openFailed() {
        require(isOpening, "open");
        isOpening = false;
        owner.onOpenFailed(failure());
    }

    static ProtocolException failure() {
        return new ProtocolException(ErrorCode.STORAGE_FAILED, "the disk has failed");
    }

    /** Takes what has been appended. */
    void take() {
        LogPiece piece = appended == null ? null : appended.take();
        while (piece != null) {
            disk.take(piece);
            piece = appended.take();
        }
    }

    /** Commits all that has been appended. */
    void commit() {
        take();
        commit(disk.takenOffset);
    }

    /** Commits what is before an offset. */
    void commit(long offset) {
        take();
        if (offset > disk.committedOffset()) {
            disk.commit(offset);
            owner.onCommitted(offset);
        }
    }

    /** The topic is sealed for good. */
    void keepSeal() {
        require(isSealing, "seal");
        isSealing = false;
        disk.isSealed = true;
        owner.onSealed();
    }

    void refuse(ErrorCode code) {
        owner.onRefused(new ProtocolException(code, "no room"));
    }

    void welcome() {
        owner.onRefused(null);
    }

    /** Wants to drop what is before an offset. */
    void surplus(long before) {
        owner.onSurplus(before);
    }

    /** Tells of a commit that has happened; also one that is late. */
    void tellCommitted(long offset) {
        owner.onCommitted(offset);
    }

    /** Loses batches from an offset until another. */
    void lose(long from, long until) {
        disk.lose(from, until);
    }

    /** Drops what it has been told to drop. */
    void drop() {
        disk.dropBefore(toDrop);
    }

    /** Drops batches that it has not been told to drop, as one does that finds them damaged. */
    void dropByItself(long before) {
        disk.dropBefore(before);
    }

    /** It is closed. */
    void closed() {
        commit();
        if (isSealing) {
            keepSeal();
        }
        closing.complete(null);
    }

    /** It could not be closed in order. */
    void closeFailed() {
        closing.completeExceptionally(failure());
    }

    /** Does all that waits for the test. */
    void goOn() {
        if (isOpening) {
            opened();
        }
        if (isOpen && !isOver) {
            commit();
            if (isSealing) {
                keepSeal();
            }
        }
        if (closing != null && !closing.isDone()) {
            closed();
        }
    }

    long committedOffset() {
        return disk.committedOffset();
    }

    boolean hasBegun() {
        return appended != null && !isOver;
    }

    boolean isSealing() {
        return isSealing;
    }

    FakeDisk disk() {
        return disk;
    }

    boolean isOver() {
        return isOver;
    }

    // What the broker has it do.

    @Override
    public void open() {
        called("open", !isOpening && !isOpen);
        storage.whileOpening.run();
        isOpening = true;
        if (storage.opensAtOnce) {
            opened();
        }
    }

    @Override
    public void begin(String id, IpcSchema schema, AppendedBatches batches) {
        called("begin", isOpen && appended == null && !disk.hasBegun());
        disk = storage.disk(name);
        disk.begin(id, schema);
        appended = batches;
        storage.whileBeginning.run();
    }

    @Override
    public void resume(AppendedBatches batches) {
        called("resume", isOpen && appended == null && batches.offset() == disk.committedOffset());
        appended = batches;
    }

    @Override
    public void onAppended() {
        require(isOpen && !isOver && appended != null, "onAppended");
        tellings++;
        if (storage.commitsAtOnce) {
            commit();
        }
    }

    @Override
    public void seal() {
        called("seal", appended != null);
        isSealing = true;
        if (storage.commitsAtOnce) {
            commit();
            keepSeal();
        }
    }

    @Override
    public Extent extent() {
        return disk.extent();
    }

    @Override
    public void dropBefore(long offset) {
        called("drop", appended != null, " " + offset);
        toDrop = offset;
        if (storage.dropsAtOnce) {
            drop();
        }
    }

    @Override
    public CompletionStage<Void> delete() {
        called("delete", isOpen);
        storage.whileDeleting.run();
        isOver = true;
        storage.remove(name);
        return storage.deletion;
    }

    @Override
    public CompletionStage<Void> close() {
        called("close", isOpen);
        isOver = true;
        closing = new CompletableFuture<>();
        if (storage.closesAtOnce) {
            closed();
        }
        return closing;
    }

    @Override
    public LogReader newReader(long offset, IntFunction<ByteBuf> allocate) {
        return new FakeLogReader(storage, disk, offset, allocate);
    }

    @Override
    public OptionalLong offsetOfTime(long micros, IntFunction<ByteBuf> allocate, BooleanSupplier isWanted) {
        ByteBuf read = allocate.apply(FakeStorage.SEARCH_BYTES);
        try {
            storage.whileSearching.run();
            storage.searches.add(isWanted.getAsBoolean());
            return disk.offsetOfTime(micros);
        } finally {
            read.release();
        }
    }

    @Override
    public Executor readers() {
        if (storage.hasNoHeapForReads) {
            return task -> {
                throw new OutOfMemoryError("exhausted by the test");
            };
        }
        return storage.readers;
    }

    private void called(String what, boolean isInOrder) {
        called(what, isInOrder, "");
    }

    private void called(String what, boolean isInOrder, String more) {
        storage.calls.add(what + " " + name + more);
        require(isInOrder && !isOver, what);
    }

    private void require(boolean isInOrder, String what) {
        if (!isInOrder) {
            throw new IllegalStateException(what + " " + name + " (expected: not now), after " + storage.calls);
        }
    }
}
