package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.client.ClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
 * <p>Of a round trip, time does not count in which the pair's loops were ready and other processes had the processors, up to half of
 * it: a crowded machine is no fault of the server. What the server itself does for attackers counts. {@code
 * -Dbowstring.attack.seconds=60} gives each attack a minute, and all of them together another; {@code
 * -Dbowstring.attack=FULL_TOPICS,RESETS} makes some of them, alone and together.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(3_600)
class AttackIT {
    private static final Duration LONGEST_TRIP = Duration.ofSeconds(2);

    /** Kinds with commas between them; all where there is none. */
    private static final @Nullable String ONLY = System.getProperty("bowstring.attack");

    private static final @Nullable Integer SECONDS = Integer.getInteger("bowstring.attack.seconds");
    private static final int STEPS_ALONE = SECONDS == null ? 50 : SECONDS * Attacker.STEPS_PER_SECOND;

    /** So many that memory becomes short: it is filled after half of them. */
    private static final int STEPS_TOGETHER = SECONDS == null ? 500 : SECONDS * Attacker.STEPS_PER_SECOND;

    private static final Duration GONE_TIMEOUT = Duration.ofMinutes(3);

    /** What a server that nobody uses may hold more than at its beginning: classes, threads, what its caches keep. */
    private static final long MORE_HEAP_KIB = 16 << 10;

    /** A quarter: the tenth that is kept for the next bodies, and the pieces that buffers are cut from. */
    private static final long MORE_DIRECT_KIB = 64 << 10;

    /** The compiler that takes little of the processor itself: a server in a test does not live long enough for the other. */
    private static final String QUICK_COMPILER = "-XX:TieredStopAtLevel=1";

    private static final List<String> LITTLE_MEMORY =
            List.of("-Xmx256m", "-XX:MaxDirectMemorySize=256m", QUICK_COMPILER);

    private CommandedProcess server;
    private CommandedProcess attacker;
    private int port;
    private ServerUse atBeginning;
    private HonestPair pair;
    private Newcomer newcomer;

    @BeforeAll
    void startAll(@TempDir Path folder) throws Exception {
        server = new CommandedProcess(folder, LITTLE_MEMORY, AttackedServer.class);
        String attacked = server.receive();
        port = Integer.parseInt(attacked);
        atBeginning = use();
        attacker = new CommandedProcess(folder, List.of(QUICK_COMPILER), Attacker.class, attacked);
        pair = new HonestPair(port, server.pid());
        newcomer = new Newcomer(port);
    }

    @AfterAll
    void stopAll() throws Exception {
        for (AutoCloseable each : Arrays.asList(attacker, pair, newcomer, server)) {
            if (each != null) {
                each.close();
            }
        }
    }

    /** Returns the attacks that are made: all, or those that are asked for. */
    static Stream<AttackKind> attacks() {
        return ONLY == null
                ? Arrays.stream(AttackKind.values())
                : Arrays.stream(ONLY.split(",")).map(AttackKind::valueOf);
    }

    @ParameterizedTest
    @MethodSource("attacks")
    @Order(1)
    void honestPairNoticesNoAttackAlone(AttackKind attack) throws Exception {
        bear(attack.name(), STEPS_ALONE);
    }

    @Test
    @Order(2)
    void honestPairNoticesNoneOfAllAttacksTogether() throws Exception {
        bear(attacks().map(AttackKind::name).collect(Collectors.joining(" ")), STEPS_TOGETHER);
    }

    @Test
    @Order(3)
    @Timeout(300)
    void nothingIsLeftOfTheAttackers() throws Exception {
        attacker.close();
        requireQuietLog();
        newcomer.requireWell();
        newcomer.close();
        pair.close();
        long deadline = System.nanoTime() + GONE_TIMEOUT.toNanos();
        ServerUse use = use();
        while (use.connections() > 0) { // those that waited to be accepted make topics yet
            requireTime(deadline, use);
            use = use();
        }

        int topics = 0;
        while (use.isAbove(atBeginning, MORE_HEAP_KIB, MORE_DIRECT_KIB)) {
            requireTime(deadline, use);
            topics += deleteTopics();
            use = use();
        }
        System.out.printf("AttackIT: %s, at the beginning %s, %d topics deleted%n", use, atBeginning, topics);
        requireQuietLog();
    }

    private int deleteTopics() throws IOException, InterruptedException {
        try {
            return TopicSweep.deleteAll(port);
        } catch (ClientException e) {
            throw new AssertionError(server.log(), e);
        }
    }

    private void requireTime(long deadline, ServerUse use) {
        assertThat(System.nanoTime())
                .as("time for %s (at the beginning %s) to go", use, atBeginning)
                .isLessThan(deadline);
    }

    private void bear(String attacks, int steps) throws Exception {
        pair.takeLongest();
        long tripsBefore = pair.trips();
        attacker.send(steps + " " + attacks);
        String report = attacker.receive();

        HonestPair.Trip longest = pair.takeLongest();
        System.out.printf(
                "AttackIT: %d ms (%d ms by the clock), %d trips, %s%n    %s%n",
                longest.counted().toMillis(), longest.wall().toMillis(), pair.trips() - tripsBefore, use(), report);
        assertThat(longest.counted()).as(server.log()).isLessThan(LONGEST_TRIP);
        assertThat(report).doesNotContain("FAILED");
        newcomer.requireWell();
        requireQuietLog();
    }

    private void requireQuietLog() {
        assertThat(server.log()).doesNotContain("ERROR", "OutOf", "Cannot reserve", "heap space");
    }

    private ServerUse use() throws Exception {
        server.send("");
        return ServerUse.parse(server.receive());
    }
}
