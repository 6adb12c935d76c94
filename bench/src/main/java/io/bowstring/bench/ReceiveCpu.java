package io.bowstring.bench;

import io.bowstring.bench.LoopbackReceiver.Cpu;
import io.bowstring.bench.LoopbackReceiver.Transport;
import io.netty.buffer.ByteBuf;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * CPU time per GiB over a loopback socket, for every {@link Reception}. All take turns in each round, in random order, so
 * that what else the machine does meets all of them; medians are printed.
 *
 * <p>Arguments: rounds, MiB per run, lengths of bodies; see docs/benchmarks/details.md.
 */
final class ReceiveCpu {
    /** One lane of those that take turns, and what its rounds have cost. Owns the receiver. */
    private static final class Lane {
        private final Reception reception;
        private final LoopbackReceiver receiver;
        private final Rounds processSeconds = new Rounds();
        private final Rounds loopSeconds = new Rounds();

        private Lane(Reception reception, LoopbackReceiver receiver) {
            this.reception = reception;
            this.receiver = receiver;
        }
    }

    private static final int WARM_UP_ROUNDS = 2;
    private static final double MIB_PER_GIB = 1024;

    private final int rounds;
    private final int mebibytes;
    private final PrintStream out;
    private final Random random = new Random(42);

    ReceiveCpu(int rounds, int mebibytes, PrintStream out) {
        this.rounds = rounds;
        this.mebibytes = mebibytes;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 7;
        int mebibytes = args.length > 1 ? Integer.parseInt(args[1]) : 512;
        int[] bodies = {1 << 10, 64 << 10, 1 << 20, 16 << 20};
        if (args.length > 2) {
            bodies = Arrays.stream(args).skip(2).mapToInt(Integer::parseInt).toArray();
        }
        new ReceiveCpu(rounds, mebibytes, System.out).run(bodies);
    }

    /** Measures every transport that this machine has, with bodies of each length. */
    void run(int... bodies) throws Exception {
        out.println(
                "| transport | body bytes | reception | process: CPU s/GiB | ÷ DIRECT | loop: CPU s/GiB | ÷ DIRECT |");
        out.println("|---|---|---|---|---|---|---|");
        for (Transport transport : Transport.values()) {
            if (!transport.isAvailable()) {
                out.println("| " + transport + " | not available here |");
                continue;
            }
            for (int bodyBytes : bodies) {
                print(transport, bodyBytes, measure(transport, bodyBytes));
            }
        }
    }

    private List<Lane> measure(Transport transport, int bodyBytes) throws Exception {
        List<Lane> lanes = new ArrayList<>();
        ByteBuf batches = Streams.batches(bodyBytes, 2, false);
        try {
            for (Reception reception : Reception.values()) {
                lanes.add(new Lane(reception, new LoopbackReceiver(transport, reception)));
            }
            List<Lane> turns = new ArrayList<>(lanes);
            int count = (int) Math.max(1, ((long) mebibytes << 20) / batches.readableBytes());
            for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
                Collections.shuffle(turns, random);
                for (Lane lane : turns) {
                    Cpu cpu = lane.receiver.receive(batches, count);
                    if (round >= 0) {
                        lane.processSeconds.add(cpu.process());
                        lane.loopSeconds.add(cpu.eventLoop());
                    }
                }
            }
        } finally {
            batches.release();
            lanes.forEach(lane -> lane.receiver.close());
        }
        return lanes;
    }

    private void print(Transport transport, int bodyBytes, List<Lane> lanes) {
        Lane direct = lanes.get(0);
        for (Lane lane : lanes) {
            out.printf(
                    "| %s | %d | %s | %.3f | %.2f | %.3f | %.2f |%n",
                    transport,
                    bodyBytes,
                    lane.reception,
                    lane.processSeconds.median() * MIB_PER_GIB / mebibytes,
                    lane.processSeconds.medianRatio(direct.processSeconds),
                    lane.loopSeconds.median() * MIB_PER_GIB / mebibytes,
                    lane.loopSeconds.medianRatio(direct.loopSeconds));
        }
    }
}
