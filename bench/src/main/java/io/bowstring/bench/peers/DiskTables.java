package io.bowstring.bench.peers;

import io.bowstring.bench.Quartiles;
import io.bowstring.bench.Rounds;

/** Writes the results of the parts replay and recovery as Markdown. Not instantiable. */
final class DiskTables {
    private DiskTables() {}

    /** Returns all that was measured. */
    static String all(DiskFindings findings) {
        ReplayFindings replay = findings.replay();
        RecoveryFindings recovery = findings.recovery();
        return (replay == null ? "" : replay(replay) + live(replay)) + (recovery == null ? "" : recovery(recovery));
    }

    private static String replay(ReplayFindings replay) {
        StringBuilder out = Tables.header("", "MB/s", "quartiles", "÷ SENDFILE");
        String ratio = Tables.ratio(replay.replay().medianRatio(replay.sendfile()));
        row(out, "REPLAY", replay.replay(), 1e6, ratio);
        row(out, "SENDFILE", replay.sendfile(), 1e6, "1.0");
        return "\nA topic of " + Sizes.mebibytes(replay.bytes()) + " in the page cache to one subscriber:\n\n" + out;
    }

    private static void row(StringBuilder out, String name, Rounds rounds, double unit, String last) {
        Quartiles quartiles = rounds.quartiles();
        Tables.row(
                out,
                name,
                Tables.number(quartiles.median() / unit),
                Tables.number(quartiles.low() / unit) + "–" + Tables.number(quartiles.high() / unit),
                last);
    }

    private static String live(ReplayFindings replay) {
        StringBuilder out = Tables.header("beside", "p50", "p99", "max", "delays", "p99 ÷ alone");
        row(out, "nobody", replay.alone(), replay.alone());
        row(out, "four that replay", replay.besideReplay(), replay.alone());
        row(out, "four at SENDFILE", replay.besideSendfile(), replay.alone());
        return "\nDelays of a live subscriber, " + Tables.number(replay.alone().publishedPerSecond()) + " batches/s of "
                + Sizes.text(replay.alone().shape().bodyBytes()) + ", in µs:\n\n" + out;
    }

    private static void row(StringBuilder out, String name, Delay delay, Delay alone) {
        Tables.row(
                out,
                name,
                Tables.number(delay.p50Micros()),
                delay.p99Micros().map(Tables::number).orElse(Tables.NOTHING),
                Tables.number(delay.maxMicros()),
                String.valueOf(delay.count()),
                delay.p99Micros()
                        .flatMap(p99 -> alone.p99Micros().map(base -> Tables.number(p99 / base)))
                        .orElse(Tables.NOTHING));
    }

    private static String recovery(RecoveryFindings recovery) {
        StringBuilder out = Tables.header("indexes", "s/GiB", "quartiles", "GiB/s");
        row(
                out,
                "there",
                recovery.indexed(),
                1,
                Tables.number(1 / recovery.indexed().median()));
        row(out, "lost", recovery.bare(), 1, Tables.number(1 / recovery.bare().median()));
        return "\nFrom the start of a server until a topic of " + Sizes.mebibytes(recovery.bytes())
                + " is open, after a kill:\n\n" + out;
    }
}
