package io.bowstring.storage;

import io.bowstring.broker.AppendedBatches;
import io.bowstring.broker.ClaimableTask;
import io.bowstring.broker.DurableConfig;
import io.bowstring.broker.DurableLog;
import io.bowstring.broker.KeptLog;
import io.bowstring.broker.LogReader;
import io.bowstring.broker.SyncPolicy;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one topic in files. What the topic tells it is done on its line, one after another; each may wait for the disk. What goes
 * wrong there is the topic's to hear: a disk that is full is tried again, one that has failed is not.
 *
 * <p>The fields are confined to the line, but for those that are final or volatile.
 */
final class FileLog implements DurableLog {
    private static final Logger LOG = LoggerFactory.getLogger(FileLog.class);

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final LogFiles files;
    private final DurableConfig config;
    private final Owner owner;
    private final StorageThreads threads;
    private final LogLine line;
    private final LogEnd ending;
    private final Consumer<FileLog> onEnd;
    private final Segments segments = new Segments();
    private final AtomicBoolean isAsked = new AtomicBoolean();
    private final AtomicBoolean isTickAsked = new AtomicBoolean();
    private volatile Extent extent = new Extent(0, 0, 0, 0, 0);

    private final KeptProducers producers;

    /** Of the log that is kept, until the writer has it; owned. */
    private @Nullable IpcSchema keptSchema;

    private String logId = "";

    private @Nullable LogWriter writer;
    private final WriteRefusal refusal;
    private final PlannedTask retry;
    private final PlannedTask sync;
    private final DiskBacklog backlog;
    private final Retention retention;
    private volatile boolean hasOpenSegment;

    /** The owner has heard that what is before it is committed. */
    private long toldOffset;

    private boolean isSealWanted;
    private boolean isClosed;

    /**
     * Creates a log that is to be opened.
     *
     * @param producers none; confined to the line from now on
     * @param line of all logs of this topic, also of those before it
     * @param onEnd hears that it has been closed or deleted, or could not be opened
     */
    FileLog(
            LogFiles files,
            DurableConfig config,
            KeptProducers producers,
            Owner owner,
            StorageThreads threads,
            LogLine line,
            Consumer<FileLog> onEnd) {
        this.onEnd = onEnd;
        this.refusal = new WriteRefusal(files.topic(), owner);
        this.files = files;
        this.config = config;
        this.producers = producers;
        this.owner = owner;
        this.threads = threads;
        this.line = line;
        this.backlog = new DiskBacklog(threads.backlogs(), this::onBacklogFailure);
        this.retention = new Retention(files, config, segments, owner, backlog);
        this.retry = new PlannedTask(threads, line, this::write);
        this.sync = new PlannedTask(threads, line, () -> attempt(LogWriter::sync));
        this.ending = new LogEnd(files.topic(), line, threads);
    }

    @Override
    public void open() {
        try {
            ClaimableTask.execute(line, this::openNow);
        } catch (RuntimeException | Error e) {
            onEnd.accept(this);
            throw e;
        }
    }

    private void openNow() {
        try {
            KeptLog kept = LogRecovery.run(files, segments, producers);
            if (kept != null) {
                extent = segments.extent(kept.nextOffset());
                keptSchema = kept.schema().retain();
                logId = kept.id();
            }
            owner.onOpened(kept);
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("topic {}: cannot be opened", files.topic(), e);
            owner.onOpenFailed(WriteRefusal.failed(files.topic(), e));
            onEnd.accept(this);
        }
    }

    @Override
    public void begin(String newLogId, IpcSchema schema, AppendedBatches appended) {
        line.execute(() -> {
            logId = newLogId;
            writer = newWriter(schema, appended);
            ask();
        });
    }

    @Override
    public void resume(AppendedBatches appended) {
        line.execute(() -> {
            writer = newWriter(Objects.requireNonNull(keptSchema), appended);
            keptSchema = null;
        });
    }

    private LogWriter newWriter(IpcSchema schema, AppendedBatches appended) {
        toldOffset = appended.offset();
        SegmentHead head = new SegmentHead(schema, files.topic(), logId, producers, threads.allocator());
        Group group = new Group(threads.allocator());
        return new LogWriter(files, config, segments, head, producers, appended, group, backlog);
    }

    @Override
    public void onAppended() {
        ask();
    }

    private void ask() {
        if (isAsked.compareAndSet(false, true)) {
            line.execute(this::write);
        }
    }

    /** Writes a group of what has been appended. */
    private void write() {
        isAsked.set(false); // first: what is appended later asks again
        attempt(present -> {
            if (writeNext(present)) {
                ask();
            } else {
                keepSeal();
            }
            refusal.onWritten(); // all that had failed has been done
        });
    }

    private boolean writeNext(LogWriter present) throws IOException {
        boolean hasWritten = present.writeNext();
        long nextOffset = present.nextOffset();
        if (nextOffset > toldOffset) { // also where something else failed after the last write
            extent = segments.extent(nextOffset);
            owner.onCommitted(nextOffset);
            toldOffset = nextOffset;
            hasOpenSegment = true;
            if (config.sync() == SyncPolicy.INTERVAL) {
                sync.plan(config.syncInterval());
            }
            retain();
        }
        return hasWritten;
    }

    /** Does something with the disk, unless that has failed for good; what goes wrong is told. */
    private void attempt(Attempt attempt) {
        LogWriter present = writer;
        if (present == null || isClosed || refusal.isFinal()) {
            return;
        }
        try {
            attempt.run(present);
        } catch (IOException | RuntimeException | Error e) {
            onFailure(present, e);
        }
    }

    private void onFailure(LogWriter present, Throwable e) {
        if (refusal.onFailure(e, !present.hasFailed())) {
            retry.plan(RETRY);
        }
    }

    /** What was done on the disk beside the writes has failed for good. Called on any thread. */
    private void onBacklogFailure(Throwable e) {
        try {
            line.execute(() -> attempt(present -> onFailure(present, e)));
        } catch (RejectedExecutionException closed) {
            LOG.warn("topic {}: the disk has failed", files.topic(), e); // nobody is left to be told
        }
    }

    // Seal.

    @Override
    public void seal() {
        line.execute(() -> {
            isSealWanted = true;
            ask();
        });
    }

    private void keepSeal() throws IOException {
        if (isSealWanted) {
            LogWriter present = Objects.requireNonNull(writer);
            present.begin();
            files.requireRoom(0);
            present.finishAll();
            SealFile.make(files);
            isSealWanted = false;
            owner.onSealed();
        }
    }

    // Retention.

    @Override
    public Extent extent() {
        return extent;
    }

    private void retain() {
        retention.look(extent.firstOffset(), threads.nowMicros());
    }

    /** Time has passed: ends a segment that is old enough, and looks for what has come of age. */
    void onTick() {
        backlog.ask(); // there may have been no memory for it
        if (!hasOpenSegment && config.retainedAge().isZero()) {
            return; // nothing of it comes of age
        }
        if (isTickAsked.compareAndSet(false, true)) { // else the disk stands still
            try {
                line.execute(this::tick);
            } catch (RuntimeException | Error e) {
                isTickAsked.set(false);
                throw e;
            }
        }
    }

    private void tick() {
        isTickAsked.set(false);
        attempt(present -> {
            if (present.isOld()) {
                present.finish();
                hasOpenSegment = false;
            }
        });
        retain();
    }

    @Override
    public void dropBefore(long offset) {
        line.execute(() -> {
            retention.dropBefore(offset);
            extent = segments.extent(extent.endOffset());
        });
    }

    // Readers.

    @Override
    public LogReader newReader(long offset, IntFunction<ByteBuf> allocate) {
        return new FileLogReader(files.topic(), segments, offset, allocate);
    }

    @Override
    public OptionalLong offsetOfTime(long micros, IntFunction<ByteBuf> allocate, BooleanSupplier isWanted) {
        return FileLogReader.offsetOfTime(files.topic(), segments, micros, allocate, isWanted);
    }

    @Override
    public Executor readers() {
        return threads.readers();
    }

    // The end.

    @Override
    public CompletionStage<Void> delete() {
        return ending.run(deleted -> {
            try {
                end();
                segments.removeAll();
                files.deleteAll();
                deleted.complete(null);
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("topic {}: cannot be deleted", files.topic(), e);
                deleted.completeExceptionally(WriteRefusal.failed(files.topic(), e));
            } finally {
                onEnd.accept(this);
            }
        });
    }

    @Override
    public CompletionStage<Void> close() {
        return ending.run(closed -> {
            try {
                attempt(this::writeAll);
                end();
            } finally {
                onEnd.accept(this);
                closed.complete(null);
            }
        });
    }

    /** No thread does anything any more. */
    void onStorageClosed() {
        ending.onStorageClosed();
    }

    private void writeAll(LogWriter present) throws IOException {
        while (writeNext(present)) {
            // There may be more.
        }
        keepSeal();
        present.finishAll();
    }

    private void end() {
        LogWriter present = writer;
        isClosed = true;
        writer = null;
        if (keptSchema != null) {
            keptSchema.release();
            keptSchema = null;
        }
        try {
            if (present != null) {
                present.close();
            }
        } catch (IOException e) {
            LOG.warn("topic {}: {}", files.topic(), e.getMessage());
        }
    }

    /** Something that may fail as the disk does. */
    private interface Attempt {
        void run(LogWriter writer) throws IOException;
    }
}
