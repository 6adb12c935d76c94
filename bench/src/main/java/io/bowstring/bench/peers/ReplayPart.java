package io.bowstring.bench.peers;

import io.bowstring.bench.Rounds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongPredicate;

/**
 * Measures how fast a subscriber gets what a durable topic has in the page cache, beside {@code sendfile} of the same files, and what a
 * live subscriber of the same topic notices of others that replay, or get the same by {@code sendfile}. One round more is not counted.
 * Confined to the caller's thread.
 */
final class ReplayPart {
    private static final int REPLAYERS = 4;
    private static final double LIVE_PER_SECOND = 200;
    private static final int MIN_DELAYS = 50;

    private interface Reading {
        long bytes() throws IOException;
    }

    private final PeersConfig config;
    private final Random random = new Random(42);
    private final Replayer reader = new Replayer();
    private final Rounds replay = new Rounds();
    private final Rounds sendfile = new Rounds();
    private final Delay alone = newDelay();
    private final Delay besideReplay = newDelay();
    private final Delay besideSendfile = newDelay();

    ReplayPart(PeersConfig config) {
        this.config = config;
    }

    private static Delay newDelay() {
        return Delay.of(Lanes.DURABLE, FilledServer.SHAPE, Delay.Rate.COMMON, LIVE_PER_SECOND);
    }

    ReplayFindings run() throws Exception {
        try (Scratch scratch = Scratch.in(config.disk());
                FilledServer server = new FilledServer(scratch.newFolder("replay"), config.storedBytes());
                Sending files = new Sending(server.segments())) {
            for (int round = 0; round <= config.rounds(); round++) {
                Rounds replayed = round > 0 ? replay : new Rounds();
                Rounds sent = round > 0 ? sendfile : new Rounds();
                inAnyOrder(
                        () -> replayed.add(bytesPerSecond(
                                () -> reader.replay(server.port(), server.batches()), storedBodyBytes(server))),
                        () -> sent.add(bytesPerSecond(() -> reader.receive(files.port()), files.bytes())));
            }
            for (int round = 0; round <= config.rounds(); round++) {
                Delay first = round > 0 ? alone : newDelay();
                Delay second = round > 0 ? besideReplay : newDelay();
                Delay third = round > 0 ? besideSendfile : newDelay();
                inAnyOrder(
                        () -> live(server, first),
                        () -> liveBeside(
                                (reader, isWanted) -> reader.replay(server.port(), server.batches(), isWanted),
                                server,
                                second),
                        () -> liveBeside((reader, isWanted) -> reader.receive(files.port(), isWanted), server, third));
            }
            return new ReplayFindings(files.bytes(), replay, sendfile, alone, besideReplay, besideSendfile);
        }
    }

    private interface Step {
        void take() throws Exception;
    }

    private void inAnyOrder(Step... steps) throws Exception {
        List<Step> order = new ArrayList<>(List.of(steps));
        Collections.shuffle(order, random);
        for (Step step : order) {
            step.take();
        }
    }

    private static long storedBodyBytes(FilledServer server) {
        return Turn.fast(FilledServer.SHAPE, server.batches()).expectedBodyBytes();
    }

    /** Returns the speed of a reading, of which fewer bytes than these are a failure. */
    private static double bytesPerSecond(Reading reading, long minBytes) throws IOException {
        long start = System.nanoTime();
        long bytes = reading.bytes();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (bytes < minBytes) {
            throw new IOException("received: " + bytes + " bytes (expected: >= " + minBytes + ")");
        }
        return bytes / seconds;
    }

    private void live(FilledServer server, Delay delay) throws Exception {
        int count = (int) Math.max(MIN_DELAYS, LIVE_PER_SECOND * config.turnSeconds());
        Turn turn = Turn.paced(FilledServer.SHAPE, count, LIVE_PER_SECOND);
        server.run(turn);
        delay.delayNanos().add(turn.delayNanos());
    }

    /** How each of the four others reads all, as long as it shall. */
    private interface Load {
        void read(Replayer reader, LongPredicate isWanted) throws IOException;
    }

    private void liveBeside(Load load, FilledServer server, Delay delay) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(REPLAYERS);
        AtomicBoolean isOver = new AtomicBoolean();
        CountDownLatch replaying = new CountDownLatch(REPLAYERS);
        List<Future<?>> others = new ArrayList<>();
        try {
            for (int i = 0; i < REPLAYERS; i++) {
                others.add(threads.submit(() -> readUntil(isOver, load, replaying)));
            }
            replaying.await();
            live(server, delay);
        } finally {
            isOver.set(true);
            threads.shutdown();
        }
        for (Future<?> other : others) {
            other.get();
        }
    }

    /** Reads again and again until it is over; says when the first bytes have come, or that none will. */
    private static Void readUntil(AtomicBoolean isOver, Load load, CountDownLatch replaying) throws IOException {
        Replayer replayer = new Replayer();
        AtomicBoolean hasBegun = new AtomicBoolean();
        Runnable begin = () -> {
            if (hasBegun.compareAndSet(false, true)) {
                replaying.countDown();
            }
        };
        LongPredicate isWanted = bytes -> {
            if (bytes > 0) {
                begin.run();
            }
            return !isOver.get();
        };
        try {
            while (!isOver.get()) {
                load.read(replayer, isWanted);
            }
            return null;
        } finally {
            begin.run(); // or all would wait for one that has failed
        }
    }
}
