package io.bowstring.codec;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The end of a test's event loops, without the tenth of a second that Netty's quiet period takes at least.
 *
 * <p>Thread-safe.
 */
public final class EventLoops {
    /** How often what is told on one loop can be answered on another. */
    private static final int ROUNDS = 10;

    private EventLoops() {}

    /** Stops loops whose channels have been closed, when the handlers have heard of that; blocks. */
    public static void stop(EventLoopGroup loops) {
        for (int round = 0; round < ROUNDS; round++) {
            List<Future<?>> done = new ArrayList<>();
            for (EventExecutor loop : loops) {
                done.add(loop.submit(() -> {}));
            }
            done.forEach(Future::syncUninterruptibly);
        }
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
