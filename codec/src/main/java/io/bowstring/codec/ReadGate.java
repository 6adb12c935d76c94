package io.bowstring.codec;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a channel from reading while its budget is used up, or while its quota has no memory for the message that is
 * arriving. Without the two it is always open.
 *
 * <p>This is no handler beside the decoder, as Netty's {@code FlowControlHandler} is, since it stops in the middle of what has
 * been read, where only the decoder knows:
 *
 * <ul>
 *   <li>The budget stops between two messages of one received buffer. A handler before the decoder would hold back the end of
 *       a message that has begun, and with it all the memory that is to come back; one after the decoder gets messages whose
 *       memory has been taken.
 *   <li>The quota is asked for the length that a header says, when that has been read and before there is memory for it. The
 *       bytes that the buffer has after the header wait, and are the beginning of the same message.
 *   <li>The channel's read loop asks the receive allocator, not the pipeline, how much to read and whether to continue.
 * </ul>
 *
 * <p>Confined to the channel's event loop.
 */
final class ReadGate {
    private final @Nullable IpcBudget budget;
    private final @Nullable IpcReceiveQuota quota;

    /** What budget or quota runs when there is memory again; null while the gate is open. */
    private @Nullable Runnable waiter;

    private boolean isReadWanted;
    private boolean isRefused;
    private boolean isOpenForGood;

    ReadGate(@Nullable IpcBudget budget, @Nullable IpcReceiveQuota quota) {
        this.budget = budget;
        this.quota = quota;
    }

    /** Returns whether the incomplete message may hold so much in all; if not, the gate is to be closed. */
    boolean tryHold(long bytes, long mostBytes) {
        if (quota == null || isOpenForGood) {
            return true;
        }
        isRefused = !quota.tryHold(bytes, mostBytes);
        return !isRefused;
    }

    /** The incomplete message holds nothing more. */
    void letGo() {
        if (quota != null) {
            quota.letGo();
        }
    }

    /** Returns whether the quota has no memory for the message that is arriving. */
    boolean isRefused() {
        return isRefused;
    }

    /** Returns whether the quota is not asked any more, so that no more is to be held than has arrived. */
    boolean isUnbounded() {
        return quota != null && isOpenForGood;
    }

    /** Returns whether more is in use than the budget allows. */
    boolean isOver() {
        return budget != null && !isOpenForGood && budget.isOver();
    }

    boolean isClosed() {
        return waiter != null;
    }

    /**
     * Stops the channel from reading.
     *
     * @param resume runs later, on the event loop, when there is memory again; {@link #tryOpen} comes first in it
     */
    void close(ChannelHandlerContext ctx, Runnable resume) {
        IpcReceiveQuota refused = isRefused ? quota : null;
        IpcBudget over = budget;
        if (waiter != null || (refused == null && over == null)) {
            return;
        }
        EventExecutor loop = ctx.executor();
        Runnable wake = () -> runLater(loop, resume);
        waiter = wake;
        ChannelConfig config = ctx.channel().config();
        if (config.isAutoRead()) {
            // Off: the channel stops what it has begun. On again: what handlers have set stands, and the read that
            // belongs to it ends at this gate.
            config.setAutoRead(false);
            config.setAutoRead(true);
        }
        if (refused != null) {
            refused.await(wake);
        } else if (over != null) {
            over.await(wake);
        }
    }

    private static void runLater(EventExecutor loop, Runnable resume) {
        try {
            loop.execute(resume); // not now: code that drops a reference does not expect messages
        } catch (RejectedExecutionException e) {
            // The loop has ended, and so has the channel. It is not the fault of the code that dropped the reference.
        }
    }

    /** Opens the gate if it is closed and there is memory; waits on if it is closed and there is none. */
    boolean tryOpen() {
        Runnable waiting = waiter;
        if (waiting == null) {
            return false;
        }
        if (!isRefused && budget != null && budget.isOver()) {
            budget.await(waiting);
            return false;
        }
        isRefused = false;
        waiter = null;
        return true;
    }

    /** Opens the gate whatever is in use: nothing more will come, or somebody else will take it. */
    void openForGood() {
        isOpenForGood = true;
        if (isRefused) {
            letGo();
        } else if (budget != null && waiter != null) {
            budget.cancel(waiter);
        }
        isRefused = false;
        waiter = null;
    }

    /** The next handler has asked a closed gate for a message. */
    void wantRead() {
        isReadWanted = true;
    }

    /** Returns whether the next handler has asked for a message since the gate was closed, and forgets it. */
    boolean takeWantedRead() {
        boolean wasWanted = isReadWanted;
        isReadWanted = false;
        return wasWanted;
    }
}
