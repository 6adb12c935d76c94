package io.bowstring.vector;

import java.util.Objects;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Says in one line why Arrow's memory cannot be used on a JVM, and what would help: Arrow fails while its classes are loaded,
 * and names flags that do not help. Not instantiable.
 */
final class ArrowPlatform {
    private ArrowPlatform() {}

    /**
     * Checks that Arrow's memory can be used.
     *
     * @throws IllegalStateException if it cannot
     */
    static void requireUsable() {
        requireUsable(() -> {
            MemoryUtil.copyMemory(0, 0, 0); // as good as any: what counts is that its class loads
            Objects.requireNonNull(RootAllocator.configBuilder());
        });
    }

    /** As above, with what loads its classes. */
    static void requireUsable(Runnable use) {
        try {
            use.run();
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "Arrow's memory: not usable on this JVM, " + reason(e) + " (expected: " + remedy(e) + ")", e);
        }
    }

    /** Returns the first sentence of what is at the root. */
    private static String reason(Throwable error) {
        String text = String.valueOf(root(error).getMessage());
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end);
    }

    private static String remedy(Throwable error) {
        String text = root(error).toString();
        if (text.contains("DefaultAllocationManager")) {
            return "arrow-memory-netty or arrow-memory-unsafe on the class path";
        }
        boolean isNettyTold = "true".equals(System.getProperty("io.netty.noUnsafe"));
        return isNettyTold ? "no -Dio.netty.noUnsafe=true" : "--sun-misc-unsafe-memory-access=allow";
    }

    private static Throwable root(Throwable error) {
        Throwable root = error;
        for (Throwable next = error; next != null; next = next.getCause()) {
            root = next;
        }
        return root;
    }
}
