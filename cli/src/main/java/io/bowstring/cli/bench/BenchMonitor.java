package io.bowstring.cli.bench;

/** Hears of the progress of a load, and can end it. Called on the thread of the {@link Bench}, but for {@link #isStopped}. */
public interface BenchMonitor {
    /** Returns whether to end in order before the time is over. For any thread. */
    boolean isStopped();

    /** Something is to be shown; called often. */
    void onProgress(String text);
}
