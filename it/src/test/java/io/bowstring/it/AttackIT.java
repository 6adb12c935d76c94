package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nobody pays for another: a server with little memory and default limits is attacked in every way that we know, by a
 * process of its own, while an honest publisher and subscriber go on as if nothing were. One server has to bear it all.
 *
 * <p>A second server that nobody attacks, with an honest pair of its own, shows what the machine itself takes: how long a
 * round trip may last is above that. {@code -Dbowstring.attack.seconds=60} gives each attack a minute.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(3_600)
class AttackIT {
    private static final Duration LONGEST_TRIP = Duration.ofSeconds(2);

    /** What attacker, server and tests bring about themselves, in threads for each processor. */
    private static final double USUAL_CROWDING = 2;

    private static final int SECONDS = Integer.getInteger("bowstring.attack.seconds", 1);
    private static final int SECONDS_TOGETHER = Integer.getInteger("bowstring.attack.seconds", 10);
    private static final Duration GONE_TIMEOUT = Duration.ofMinutes(3);

    /** The pair's, and the newcomer's while it is there. */
    private static final int HONEST_CONNECTIONS = 3;

    /** Attacks that have stopped a server, and of which it has not been shown yet that they no longer do. */
    private static final EnumSet<AttackKind> ON_DEMAND =
            EnumSet.of(AttackKind.UNFINISHED_BODIES, AttackKind.UNFINISHED_REQUESTS, AttackKind.GIANT_SCHEMAS);

    private static final List<String> LITTLE_MEMORY = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m");

    private CommandedProcess server;
    private CommandedProcess idleServer;
    private CommandedProcess attacker;
    private HonestPair pair;
    private HonestPair idlePair;
    private Newcomer newcomer;

    @BeforeAll
    void startAll(@TempDir Path folder) throws Exception {
        server = new CommandedProcess(folder, LITTLE_MEMORY, AttackedServer.class);
        idleServer = new CommandedProcess(folder, LITTLE_MEMORY, AttackedServer.class);
        String port = server.receive();
        attacker = new CommandedProcess(folder, List.of("-XX:TieredStopAtLevel=1"), Attacker.class, port);
        pair = new HonestPair(Integer.parseInt(port));
        newcomer = new Newcomer(Integer.parseInt(port));
        idlePair = new HonestPair(Integer.parseInt(idleServer.receive()));
    }

    @AfterAll
    void stopAll() throws Exception {
        for (AutoCloseable each : Arrays.asList(attacker, pair, newcomer, idlePair, server, idleServer)) {
            if (each != null) {
                each.close();
            }
        }
    }

    static Stream<AttackKind> attacks() {
        String only = System.getProperty("bowstring.attack");
        return only == null
                ? EnumSet.complementOf(ON_DEMAND).stream()
                : Arrays.stream(only.split(",")).map(AttackKind::valueOf);
    }

    /** Returns those of which it has been shown that they are borne together, or those that are named. */
    private static Stream<AttackKind> together() {
        return System.getProperty("bowstring.attack") == null
                ? EnumSet.range(AttackKind.LEAVING_SUBSCRIBERS, AttackKind.BLOCKING_SUBSCRIBER).stream()
                : attacks();
    }

    @ParameterizedTest
    @MethodSource("attacks")
    @Order(1)
    void honestPairNoticesNoAttackAlone(AttackKind attack) throws Exception {
        bear(attack.name(), SECONDS);
    }

    @Test
    @Order(2)
    void honestPairNoticesNoneOfManyAttacksTogether() throws Exception {
        bear(together().map(AttackKind::name).collect(Collectors.joining(" ")), SECONDS_TOGETHER);
    }

    @Test
    @Order(3)
    void nothingOfTheAttackersIsLeft() throws Exception {
        attacker.close();
        long deadline = System.nanoTime() + GONE_TIMEOUT.toNanos();
        long connections = connections();
        while (connections > HONEST_CONNECTIONS) {
            assertThat(System.nanoTime())
                    .as("time for %d connections", connections)
                    .isLessThan(deadline);
            connections = connections();
        }
        newcomer.requireWell();
    }

    private long connections() throws Exception {
        return Long.parseLong(metrics().split(" ")[0]);
    }

    private void bear(String attacks, int seconds) throws Exception {
        pair.takeLongest();
        idlePair.takeLongest();
        long tripsBefore = pair.trips();
        attacker.send(seconds * Attacker.STEPS_PER_SECOND + " " + attacks);
        String report = attacker.receive();

        Duration longest = pair.takeLongest();
        Duration machine = idlePair.takeLongest();
        System.out.printf(
                "AttackIT: %d ms (idle %d), %d trips, %s%n    %s%n",
                longest.toMillis(), machine.toMillis(), pair.trips() - tripsBefore, metrics(), report);
        assertThat(longest.minus(machine)).as(server.log()).isLessThan(longestTrip());
        assertThat(report).doesNotContain("FAILED");
        newcomer.requireWell();
        assertThat(server.log()).doesNotContain("ERROR").doesNotContain("OutOf");
    }

    /** Returns the bound, longer where so many others want the processors that everybody has to wait for them. */
    private static Duration longestTrip() {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        double crowding = machine.getSystemLoadAverage() / machine.getAvailableProcessors() / USUAL_CROWDING;
        return Duration.ofMillis((long) (LONGEST_TRIP.toMillis() * Math.max(1, crowding)));
    }

    private String metrics() throws Exception {
        server.send("");
        return server.receive();
    }
}
