package io.bowstring.bench;

import io.netty.buffer.ByteBuf;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Time per message for every {@link Framing}, in memory: in chunks of 64 KiB, the copy out of the "socket" included, and
 * in buffers that hold whole messages. All take turns in each round, in random order, in one JVM, so that what else the
 * machine does meets all of them; medians are printed. Batches differ from the one before, or are alike. {@link
 * FramingBenchmark} and {@link MessageBenchmark} measure one after the other.
 *
 * <p>Arguments: rounds, lengths of bodies; see docs/benchmarks/details.md.
 */
final class FramingTurns {
    /** One lane of those that take turns. Owns the receiver. */
    private record Lane(Framing framing, Receiver receiver, Rounds nanos) {
        Lane(Framing framing) {
            this(framing, new Receiver(framing), new Rounds());
        }
    }

    /** What is received in a turn, in bytes of bodies: enough for a clock, and nobody waits long. */
    private static final int TURN_BYTES = 4 << 20;

    private static final int WHOLE_BODY_BYTES = 64 << 10;

    private final int rounds;
    private final PrintStream out;
    private final Random random = new Random(42);

    FramingTurns(int rounds, PrintStream out) {
        this.rounds = rounds;
        this.out = out;
    }

    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        int[] bodies = {1 << 10, 64 << 10, 1 << 20, 16 << 20};
        if (args.length > 1) {
            bodies = Arrays.stream(args).skip(1).mapToInt(Integer::parseInt).toArray();
        }
        new FramingTurns(rounds, System.out).run(bodies);
    }

    void run(int... bodies) {
        out.println("| received in | body bytes | framing | ns a message | MERGE ÷ it | it ÷ the last |");
        out.println("|---|---|---|---|---|---|");
        for (int bodyBytes : bodies) {
            for (boolean areAlike : new boolean[] {false, true}) {
                measure(false, areAlike, bodyBytes, Framing.COMPOSITE);
                if (bodyBytes <= WHOLE_BODY_BYTES) {
                    measure(true, areAlike, bodyBytes, Framing.FLOOR);
                }
            }
        }
    }

    private void measure(boolean isWhole, boolean areAlike, int bodyBytes, Framing last) {
        int count = Math.max(2, TURN_BYTES / bodyBytes);
        ByteBuf batches = Streams.batches(bodyBytes, count, areAlike);
        List<Lane> lanes = Stream.of(Framing.FRAMING, Framing.STRUCTURE, Framing.RUNS, Framing.MERGE, last)
                .map(Lane::new)
                .toList();
        List<Lane> turns = new ArrayList<>(lanes);
        for (int round = -rounds; round < rounds; round++) { // as many to warm up
            Collections.shuffle(turns, random);
            for (Lane lane : turns) {
                long start = System.nanoTime();
                if (isWhole) {
                    lane.receiver.receiveWhole(batches.retainedDuplicate());
                } else {
                    lane.receiver.receiveChunks(batches);
                }
                if (round >= 0) {
                    lane.nanos.add((double) (System.nanoTime() - start) / count);
                }
            }
        }
        lanes.forEach(lane -> lane.receiver.close());
        batches.release();
        print((isWhole ? "whole" : "chunks") + (areAlike ? ", alike" : ""), bodyBytes, lanes);
    }

    private void print(String received, int bodyBytes, List<Lane> lanes) {
        Rounds merge = lanes.get(3).nanos;
        Rounds last = lanes.get(4).nanos;
        for (Lane lane : lanes) {
            out.printf(
                    "| %s | %d | %s | %.0f | %.2f | %.2f |%n",
                    received,
                    bodyBytes,
                    lane.framing,
                    lane.nanos.median(),
                    merge.medianRatio(lane.nanos),
                    lane.nanos.medianRatio(last));
        }
    }
}
