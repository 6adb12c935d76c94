package io.bowstring.server;

import io.bowstring.protocol.Acknowledgement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a publisher is to be sent next: as few as tell the offset of each batch. Batches that stand one after another
 * share a row, of which the first follows on the row before; where batches of others stand between, a batch begins a row that
 * it has for itself. If there are too many rows, the last one stands for all that comes. Confined to the channel's event loop.
 */
final class AcknowledgementRows {
    static final int MAX_ROWS = 256;

    private long[] batches = new long[1];
    private long[] offsets = new long[1];

    /** Of those that have not been taken. */
    private int first;

    /** Of all that are kept, those included that have been taken. */
    private int count;

    private long lastBatches;
    private long lastOffset = -1;

    /** A batch that stands right after the last one may share its row. */
    private boolean isOpen;

    /** Batches are in the topic, as {@code PublicationListener.onAppended} says it. */
    void add(long heldBatches, long offset) {
        long others = heldBatches - lastBatches - 1;
        long first = offset - others;
        if (others > 0 && first != lastOffset + 1) {
            addNext(heldBatches - others, first, first); // for itself
        }
        addNext(heldBatches, first, offset);
    }

    /** Adds batches from an offset, which may have been told of, to another. */
    private void addNext(long heldBatches, long first, long offset) {
        boolean isRepeated = offset <= lastOffset;
        boolean isNext = !isRepeated && first <= lastOffset + 1;
        boolean isFollowing = isRepeated || (isNext && isOpen);
        boolean isShared = (count > 0 && isFollowing) || count == MAX_ROWS;
        if (!isShared) {
            addRow();
        }
        batches[count - 1] = heldBatches;
        offsets[count - 1] = offset;
        isOpen = isNext;
        lastBatches = heldBatches;
        lastOffset = offset;
    }

    private void addRow() {
        if (count == batches.length) {
            batches = Arrays.copyOf(batches, 4 * count);
            offsets = Arrays.copyOf(offsets, 4 * count);
        }
        count++;
    }

    /** Returns how many have not been taken. */
    int size() {
        return count - first;
    }

    /** Returns whether there has never been anything. */
    boolean hasNothing() {
        return lastBatches == 0;
    }

    /** Returns the first row of those that have not been taken, of which there is one. */
    Acknowledgement take() {
        Acknowledgement row = new Acknowledgement(batches[first], offsets[first], null);
        first++;
        if (first == count) {
            first = 0;
            count = 0;
        }
        return row;
    }

    /** Returns a row for all, those included that have not been taken: the last. */
    Acknowledgement takeLast(@Nullable String error) {
        first = 0;
        count = 0;
        return new Acknowledgement(lastBatches, lastOffset, error);
    }
}
