package io.bowstring.codec;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a buffer unreleased. Unlike Netty's own leak report it needs no garbage collection, samples
 * nothing and blames the test that leaks.
 *
 * <p>What counts: every buffer of a Netty allocator and every retained slice of one, whichever thread allocates it.
 * What does not: {@code Unpooled} heap buffers, which the garbage collector takes, and buffers of static initializers
 * that are wrapped in {@link LeakPresenceDetector#staticInitializer}. A test must therefore have shut down what it
 * started when its last {@code @AfterEach} returns, and test classes that use this must not run in parallel.
 *
 * <p>Netty chooses its detector when its first buffer class loads, so the build sets
 * {@code -Dio.netty.customResourceLeakDetector=io.netty.util.LeakPresenceDetector} for all tests. Where that is missing
 * every test fails and says so. Add {@code -Dio.netty.util.LeakPresenceDetector.trackCreationStack=true} to see where
 * leaked buffers come from.
 *
 * <p>Thread-safe.
 */
public final class LeakDetection implements AfterEachCallback {
    @Override
    public void afterEach(ExtensionContext context) {
        check();
    }

    /**
     * Checks that every buffer that this JVM has counted so far is released, and starts a new count.
     *
     * @throws AssertionError if buffers are unreleased, or were released after an earlier check had blamed them
     */
    public static void check() {
        try {
            LeakPresenceDetector.check();
        } catch (IllegalStateException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }
}
