package io.bowstring.broker;

import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/**
 * A subscriber that takes batches in bursts of random length and keeps their positions and values. Confined to its
 * executor until {@code over} says that it is over.
 */
final class StressSink implements SubscriptionSink {
    final List<BatchPosition> positions = new ArrayList<>();
    final List<Long> values = new ArrayList<>();
    boolean isComplete;
    ErrorCode cutCode;

    private final EventExecutor executor;
    private final CountDownLatch over;
    private final Random random;
    private final int cancelAfter;
    private final FrameReader client = new FrameReader();
    private TopicSubscription subscription;
    private int credit;
    private boolean isOver;

    /**
     * Creates a sink.
     *
     * @param cancelAfter batches after which it takes no more and cancels some time later
     * @param over counted down at its end
     */
    StressSink(EventExecutor executor, long seed, int cancelAfter, CountDownLatch over) {
        this.executor = executor;
        this.random = new Random(seed);
        this.cancelAfter = cancelAfter;
        this.over = over;
    }

    /** Begins to take batches; for the executor. */
    void begin(TopicSubscription own) {
        subscription = own;
        grant();
    }

    private void grant() {
        if (!isOver) {
            credit = 1 + random.nextInt(64);
            subscription.resume();
        }
    }

    /** Lets other tasks of the loop go first, a number of times, and then goes on. */
    private void after(int turns, Runnable next) {
        executor.execute(turns == 0 ? next : () -> after(turns - 1, next));
    }

    private void cancel() {
        if (!isOver) {
            subscription.cancel();
            end();
        }
    }

    private void end() {
        isOver = true;
        over.countDown();
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public boolean isWritable() {
        return credit > 0;
    }

    @Override
    public void start(IpcSchema schema) {
        client.read(schema.frame()).release();
    }

    @Override
    public void write(IpcMessage written) {
        IpcMessage message = client.read(written.frame());
        if (message instanceof IpcRecordBatch batch) {
            positions.add(BatchPosition.parse(batch));
            values.add(batch.buffer(1, Long.BYTES).readLongLE());
        }
        message.release();
        if (positions.size() == cancelAfter) {
            credit = 0;
            after(200, this::cancel);
        } else if (--credit == 0) {
            after(random.nextInt(20), this::grant);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void complete() {
        isComplete = true;
        end();
    }

    @Override
    public void refuse(ProtocolException reason) {
        cutCode = reason.code();
        end();
    }

    @Override
    public void cut(ProtocolException reason) {
        cutCode = reason.code();
        end();
    }
}
