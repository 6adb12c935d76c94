package io.bowstring.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end in order when the process is asked to stop (Ctrl-C, SIGTERM): runs an action, then holds the
 * process until the command is through, for some time at most. Asked once more, the process ends at once. Thread-safe.
 */
final class StopSignal implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 10;
    private static final int BY_SIGNAL = 128;

    private final long timeoutSeconds;
    private final CountDownLatch raised = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    /** Waits for the signal from now on; {@code action} runs on a thread of its own and must make the command end. */
    StopSignal(Runnable action) {
        this(action, TIMEOUT_SECONDS);
    }

    /** Waits for the signal, after which the command may take so long. */
    StopSignal(Runnable action, long timeoutSeconds) {
        this.timeoutSeconds = timeoutSeconds;
        hook = new Thread(() -> onStop(action), "bowstring-stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void onStop(Runnable action) {
        endAtOnceWhenAskedAgain();
        raised.countDown();
        action.run();
        try {
            if (!ended.await(timeoutSeconds, TimeUnit.SECONDS)) {
                System.err.println("bowstring: did not stop in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A JVM that is stopping by a signal ignores the next ones. What changes that, {@code sun.misc.Signal}, is in every JDK
     * and for everybody, but javac warns of its name; where it is missing, signals are ignored as before.
     */
    @SuppressWarnings("ReferenceEquality") // a handler is equal to itself alone
    private static void endAtOnceWhenAskedAgain() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler halt = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    int number = (int) signal.getMethod("getNumber").invoke(arguments[0]);
                    Runtime.getRuntime().halt(BY_SIGNAL + number);
                }
                return method.getName().equals("equals") ? proxy == arguments[0] : null;
            };
            Object halting = Proxy.newProxyInstance(StopSignal.class.getClassLoader(), new Class<?>[] {handler}, halt);
            for (String name : new String[] {"INT", "TERM"}) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), halting);
            }
        } catch (ReflectiveOperationException e) {
            // As before.
        }
    }

    /** Returns whether the process has been asked to stop. */
    boolean isRaised() {
        return raised.getCount() == 0;
    }

    /** Waits for some time, or until the process is asked to stop; returns whether it is. */
    boolean await(long nanos) throws InterruptedException {
        return raised.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Says that the command is through. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: the process is stopping.
        }
    }
}
