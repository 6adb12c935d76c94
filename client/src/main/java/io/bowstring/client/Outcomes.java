package io.bowstring.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what an event loop does, and throws its failure as the client's user is told of it. Not instantiable. */
final class Outcomes {
    private Outcomes() {}

    /**
     * Waits for ever.
     *
     * @throws ClientException the failure
     */
    static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    /** Waits for a time at most; returns whether it has come, or failed. */
    static boolean isDoneWithin(CompletableFuture<?> future, long millis) throws InterruptedException {
        try {
            future.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return future.isDone();
        } catch (ExecutionException e) {
            return true;
        }
    }

    private static ClientException failure(ExecutionException e) {
        return e.getCause() instanceof ClientException known
                ? known
                : new ClientException(String.valueOf(e.getMessage()), e);
    }
}
