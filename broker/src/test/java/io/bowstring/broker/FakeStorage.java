package io.bowstring.broker;

import io.bowstring.protocol.TopicName;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A storage whose logs keep what they take in memory, and commit, seal, open and close when the test says so, or at once. It may serve
 * one broker after another, as a disk does. Writes down what the broker wants of it, one line for each call:
 *
 * <pre>
 *   new t    open t    begin t    resume t    seal t    drop t 3    delete t    close t
 * </pre>
 *
 * Confined to the test's thread.
 */
final class FakeStorage implements TopicStorage {
    final List<String> calls = new ArrayList<>();

    /** What the readers run on; {@link BrokerRig#run()} steps it unless reads are held. */
    final ManualExecutor readers = new ManualExecutor();

    boolean opensAtOnce = true;
    boolean commitsAtOnce;
    boolean closesAtOnce = true;
    boolean dropsAtOnce = true;
    boolean holdsReads;

    /** A reader gets so many batches in one piece, at most. */
    int pieceBatches = Integer.MAX_VALUE;

    /** Where readers find what has been taken with what they have read before; null where they offer no parts of files. */
    @Nullable
    FileChannel file;

    /** Parts of it that are not released. */
    int openParts;

    /** What the next read fails with; null where it does not. */
    RuntimeException readFault;

    /** Whether nothing can be handed to the readers, because their heap is exhausted. */
    boolean hasNoHeapForReads;

    /** Pieces that have been read, by all readers. */
    int pieces;

    /** Readers that are not closed. */
    int openReaders;

    /** Runs at the beginning of each opening. */
    Runnable whileOpening = () -> {};

    /** Runs at the end of each beginning. */
    Runnable whileBeginning = () -> {};

    /** So much is read where a time is looked for. */
    static final int SEARCH_BYTES = 1_000;

    /** Runs inside of each search for a time. */
    Runnable whileSearching = () -> {};

    /** Of each search for a time, whether it was wanted still. */
    final List<Boolean> searches = new ArrayList<>();

    /** Runs inside of each deletion. */
    Runnable whileDeleting = () -> {};

    /** What comes of a deletion. */
    CompletableFuture<Void> deletion = CompletableFuture.completedFuture(null);

    private final Map<TopicName, FakeLog> logs = new HashMap<>();
    private final List<FakeLog> allLogs = new ArrayList<>();
    private final Map<TopicName, FakeDisk> disks = new HashMap<>();

    @Override
    public List<TopicName> names() {
        return List.copyOf(disks.keySet());
    }

    @Override
    public DurableLog newLog(TopicName name, DurableConfig config, int maxProducers, DurableLog.Owner owner) {
        calls.add("new " + name);
        FakeLog log = new FakeLog(this, name, owner);
        logs.put(name, log);
        allLogs.add(log);
        return log;
    }

    /** Returns the newest log of a topic. */
    FakeLog log(String name) {
        return logs.get(new TopicName(name));
    }

    /** Returns what is kept of a topic, from before or from now on. */
    FakeDisk disk(TopicName name) {
        return disks.computeIfAbsent(name, any -> new FakeDisk());
    }

    boolean isKept(TopicName name) {
        return disks.containsKey(name);
    }

    void remove(TopicName name) {
        disks.remove(name);
    }

    /** Takes the calls since the last time. */
    List<String> takeCalls() {
        List<String> taken = List.copyOf(calls);
        calls.clear();
        return taken;
    }

    /** Does all that waits for the test, and from now on everything at once. */
    void goOn() {
        holdsReads = false;
        hasNoHeapForReads = false;
        opensAtOnce = true;
        commitsAtOnce = true;
        closesAtOnce = true;
        dropsAtOnce = true;
        allLogs.forEach(FakeLog::goOn);
    }
}
