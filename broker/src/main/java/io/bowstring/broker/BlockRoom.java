package io.bowstring.broker;

/**
 * How much room the blocks of a topic have for small batches. A topic that has little gets little: a block has room for twice as
 * much as a full block before it, up to 256 KiB, so that a topic takes at most about twice what it holds. After a block that has
 * room left, because the dictionaries have changed for example, a block has room for what is there.
 *
 * <p>Immutable, but for the budget that it looks at.
 */
final class BlockRoom {
    private static final int MAX_BYTES = 256 << 10;

    /** A window or a budget that is rid of a batch gets its memory with that of its neighbours: little beside all of it. */
    private static final int MIN_BLOCKS_PER_WINDOW = 16;

    private static final int MIN_BLOCKS_PER_BUDGET = 64;

    private final int maxBytes;
    private final MemoryBudget budget;

    BlockRoom(long windowBytes, MemoryBudget budget) {
        long boundBytes = Math.min(windowBytes / MIN_BLOCKS_PER_WINDOW, budget.limitBytes() / MIN_BLOCKS_PER_BUDGET);
        this.maxBytes = (int) Math.min(MAX_BYTES, boundBytes);
        this.budget = budget;
    }

    /** Returns whether a batch that counts for so much may share a block with others. */
    boolean isSmall(long weightBytes) {
        return weightBytes <= maxBytes / 4;
    }

    /**
     * Returns how much room the next block has, in bytes.
     *
     * @param wantedBytes for small batches that are there
     * @param precedingBytes what the block before it holds, if that is full; else 0
     */
    int bytes(long wantedBytes, long precedingBytes) {
        long expectedBytes = budget.isTight() ? 0 : 2 * precedingBytes;
        return (int) Math.min(maxBytes, Math.max(wantedBytes, expectedBytes));
    }
}
