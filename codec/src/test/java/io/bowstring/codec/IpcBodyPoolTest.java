package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class IpcBodyPoolTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** What a block has more than its size. */
    private static final int HEAD = 4 * KIB;

    /** How many blocks each of several threads takes. */
    private static final int TAKES = 3000;

    private final CountingAllocator memory = new CountingAllocator();
    private final IpcBodyPool pool = new IpcBodyPool(4 * MIB, memory);

    @AfterEach
    void close() {
        pool.close();
        assertThat(pool.idleBytes()).isZero();
        assertThat(pool.usedBytes()).isZero();
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void usesBlockAgain() {
        ByteBuf first = pool.take(MIB);
        pool.giveBack(first);
        ByteBuf second = pool.take(MIB - 100 * KIB);

        assertThat(second).isSameAs(first);
        assertThat(memory.requestedBytes()).isEqualTo(MIB + HEAD);
        pool.giveBack(second);
    }

    @Test
    void usesTheBlockAgainThatCameBackLast() {
        ByteBuf first = pool.take(MIB);
        ByteBuf second = pool.take(MIB);
        pool.giveBack(first);
        pool.giveBack(second);

        assertThat(pool.take(MIB)).isSameAs(second);
        assertThat(pool.take(MIB)).isSameAs(first);
        pool.giveBack(first);
        pool.giveBack(second);
    }

    @Test
    void roundsUpToFourSizesPerDoubling() {
        int[][] sizes = {
            {1, 64 * KIB + HEAD},
            {64 * KIB + HEAD, 64 * KIB + HEAD},
            {64 * KIB + HEAD + 1, 80 * KIB + HEAD},
            {112 * KIB + HEAD + 1, 128 * KIB + HEAD},
            {MIB + HEAD, MIB + HEAD},
            {MIB + HEAD + 1, MIB + 256 * KIB + HEAD},
            {5 * MIB, 5 * MIB + HEAD},
        };
        for (int[] size : sizes) {
            ByteBuf block = pool.take(size[0]);

            assertThat(block.capacity()).as("block for %d bytes", size[0]).isEqualTo(size[1]);
            assertThat(pool.usedBytes()).isEqualTo(size[1]);
            pool.giveBack(block);
        }
    }

    @Test
    void asksForWhatIsTooLargeToKeepAsItIs() {
        memory.limit(MIB); // or the test would need gibibytes
        int largest = (1792 << 20) + HEAD;

        assertThatThrownBy(() -> pool.take(largest)).isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> pool.take(largest + 1)).isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> pool.take(Integer.MAX_VALUE)).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void countsWhatIsUsedAndWhatIsIdle() {
        ByteBuf block = pool.take(MIB);
        assertThat(pool.usedBytes()).isEqualTo(MIB + HEAD);
        assertThat(pool.idleBytes()).isZero();

        pool.giveBack(block);
        assertThat(pool.usedBytes()).isZero();
        assertThat(pool.idleBytes()).isEqualTo(MIB + HEAD);
        assertThat(memory.usedBytes()).isEqualTo(MIB + HEAD);
    }

    @Test
    void keepsNoMoreThanItMay() {
        List<ByteBuf> blocks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            blocks.add(pool.take(MIB));
        }
        blocks.forEach(pool::giveBack);

        assertThat(pool.idleBytes()).isEqualTo(3 * (MIB + HEAD)).isLessThanOrEqualTo(pool.maxIdleBytes());
        assertThat(memory.usedBytes()).isEqualTo(pool.idleBytes());
    }

    @Test
    void freesBlockThatIsLargerThanAllItMayKeep() {
        ByteBuf small = pool.take(MIB);
        pool.giveBack(small);
        pool.giveBack(pool.take(5 * MIB));

        assertThat(pool.idleBytes()).isEqualTo(MIB + HEAD); // and it does not push out others for that
    }

    @Test
    void freesTheSizesFirstThatWereLeastRecentlyAskedFor() {
        ByteBuf old = pool.take(2 * MIB);
        ByteBuf recent = pool.take(MIB + 512 * KIB);
        pool.giveBack(recent);
        pool.giveBack(old); // it is the take that counts
        ByteBuf next = pool.take(MIB);
        pool.giveBack(next);

        assertThat(pool.idleBytes()).isEqualTo(2 * MIB + 512 * KIB + 2 * HEAD);
        assertThat(old.refCnt()).isZero();
        assertThat(recent.refCnt()).isEqualTo(1);
        assertThat(next.refCnt()).isEqualTo(1);
    }

    @Test
    void freesIdleBlocksWhereMemoryIsUsedUp() {
        memory.limitUsed(2 * MIB);
        pool.giveBack(pool.take(MIB));
        ByteBuf block = pool.take(MIB + 512 * KIB);

        assertThat(pool.idleBytes()).isZero();
        assertThatThrownBy(() -> pool.take(MIB)).isInstanceOf(OutOfMemoryError.class);
        pool.giveBack(block);
    }

    @Test
    void keepsNothingOnceClosed() {
        ByteBuf used = pool.take(MIB);
        pool.giveBack(pool.take(2 * MIB));
        pool.close();
        pool.close();

        assertThat(pool.idleBytes()).isZero();
        pool.giveBack(used);
        pool.giveBack(pool.take(MIB));
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void keepsNothingWhereNothingMayBeKept() {
        try (IpcBodyPool empty = new IpcBodyPool(0, memory)) {
            empty.giveBack(empty.take(MIB));

            assertThat(memory.usedBytes()).isZero();
        }
    }

    @Test
    void refusesNegativeLimit() {
        assertThatThrownBy(() -> new IpcBodyPool(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxIdleBytes: -1 (expected: >= 0)");
    }

    @Test
    void givesNoBlockToTwoAtOnce() throws Exception {
        int threads = 4;
        long seed = Seeds.fresh("IpcBodyPoolTest");
        BlockingQueue<ByteBuf> handedOver = new ArrayBlockingQueue<>(64);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        Set<ByteBuf> blocks = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        try (IpcBodyPool shared = new IpcBodyPool(3 * MIB)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Random random = new Random(seed + i);
                int mark = i + 1;
                tasks.add(() -> takeAndGiveBack(shared, random, mark, handedOver, blocks));
            }
            for (Future<Void> task : executor.invokeAll(tasks)) {
                task.get();
            }
            handedOver.forEach(shared::giveBack);

            assertThat(shared.usedBytes()).isZero();
            assertThat(shared.idleBytes()).isBetween(1L, shared.maxIdleBytes());
            assertThat(blocks.size()).isLessThan(threads * TAKES); // else none was used again
        } finally {
            executor.shutdown();
        }
    }

    /** Marks the blocks that it holds, and gives back those of other threads as well. */
    private static Void takeAndGiveBack(
            IpcBodyPool pool, Random random, int mark, BlockingQueue<ByteBuf> handedOver, Set<ByteBuf> blocks) {
        Queue<ByteBuf> held = new ArrayDeque<>();
        for (int i = 0; i < TAKES; i++) {
            ByteBuf block = pool.take(64 * KIB * (1 + random.nextInt(8)));
            blocks.add(block);
            held.add(block.setByte(0, mark).setByte(block.capacity() - 1, mark));
            if (held.size() == 5) {
                ByteBuf oldest = held.remove();
                assertThat(oldest.getByte(0)).isEqualTo((byte) mark);
                assertThat(oldest.getByte(oldest.capacity() - 1)).isEqualTo((byte) mark);
                if (!handedOver.offer(oldest)) {
                    pool.giveBack(oldest);
                }
            }
            ByteBuf others = random.nextBoolean() ? handedOver.poll() : null;
            if (others != null) {
                pool.giveBack(others);
            }
            assertThat(pool.idleBytes()).isLessThanOrEqualTo(pool.maxIdleBytes());
        }
        held.forEach(pool::giveBack);
        return null;
    }
}
