package io.bowstring.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An event loop that shows a test each channel before anything happens on it, and has a bounded queue. Thread-safe. */
final class WatchedLoop extends SingleThreadIoEventLoop implements AutoCloseable {
    private static final int MAX_TASKS = 64;

    private final Consumer<Channel> onNew;

    WatchedLoop(Consumer<Channel> onNew) {
        super(
                null,
                new DefaultThreadFactory("watched", true),
                NioIoHandler.newFactory(),
                MAX_TASKS,
                RejectedExecutionHandlers.reject(),
                0);
        this.onNew = onNew;
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        onNew.accept(promise.channel());
        return super.register(promise);
    }

    /** Lets the loop do nothing until the latch that is returned is counted down. */
    CountDownLatch hold() throws InterruptedException {
        CountDownLatch isHeld = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        execute(() -> {
            isHeld.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        isHeld.await();
        return goesOn;
    }

    @Override
    public void close() {
        shutdownGracefully(0, 10_000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
