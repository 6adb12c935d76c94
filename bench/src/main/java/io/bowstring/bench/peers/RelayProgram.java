package io.bowstring.bench.peers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The other end of an {@link AskedProcess}: the relay of a {@link JavaLane}, which the first argument names; the second is a folder for it. */
final class RelayProgram {
    private RelayProgram() {}

    public static void main(String[] args) throws Exception {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        JavaLane lane = (JavaLane) Lanes.named(args[0]).orElseThrow();
        try (Relay relay = lane.relay(Path.of(args[1]));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("bench " + relay.port());
            while (in.readLine() != null) {
                System.out.println("bench " + system.getProcessCpuTime());
            }
        }
        System.exit(0);
    }
}
