package io.bowstring.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that attacks: takes lines with a number of steps and the names of attacks, goes so many steps with all of
 * them, leaves the server alone, and says what each has done. It counts in steps, so that an attack is the same on a slow
 * machine. Ends with its standard input. Not instantiable.
 */
final class Attacker {
    static final int STEPS_PER_SECOND = 100;

    private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1) / STEPS_PER_SECOND;

    private Attacker() {}

    /** Takes the port of the server. */
    public static void main(String[] args) throws IOException {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.parseInt(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            Map<AttackKind, Attack> attacks = new EnumMap<>(AttackKind.class);
            Arrays.stream(words).skip(1).map(AttackKind::valueOf).forEach(kind -> attacks.put(kind, kind.begin()));
            System.out.println(attack(server, attacks, Integer.parseInt(words[0])));
        }
    }

    private static String attack(InetSocketAddress server, Map<AttackKind, Attack> attacks, int steps) {
        Map<AttackKind, Crowd> crowds = new EnumMap<>(AttackKind.class);
        attacks.keySet().forEach(kind -> crowds.put(kind, new Crowd(server, 1 + kind.ordinal())));
        StringBuilder report = new StringBuilder();
        for (int i = 0; i < steps; i++) {
            for (AttackKind kind : List.copyOf(attacks.keySet())) {
                try {
                    attacks.get(kind).step(crowds.get(kind));
                } catch (IOException | RuntimeException e) {
                    attacks.remove(kind);
                    report.append("FAILED: ")
                            .append(kind)
                            .append(": ")
                            .append(e)
                            .append("; ");
                }
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
        crowds.forEach((kind, crowd) -> {
            crowd.close();
            report.append(kind).append(": ").append(crowd.traffic()).append("; ");
        });
        return report.toString();
    }
}
