package io.bowstring.cli.bench;

import io.bowstring.client.ServerAddress;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, of the same Java, classes and options as this one, on a free port of loopback. It has the
 * settings that {@code serve} finds in the environment, else the defaults, but for limits that would refuse a load for what it is:
 * how many connect at once, and how slow subscribers are that let publishers wait.
 *
 * <p>It is stopped when it is closed, and ends by itself when this process does: its standard input ends then. Confined to one
 * thread.
 */
public final class ServerProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("bowstring ready on (\\S+)");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+([0-9]+) kB");
    private static final long BYTES_PER_KIB = 1 << 10;
    private static final long STOP_SECONDS = 20;

    private static final Map<String, String> SETTINGS = Map.of(
            "BOWSTRING_SERVER_MAX_CONNECTIONS_PER_ADDRESS", "10000",
            "BOWSTRING_SERVER_MAX_CONNECTIONS_PER_SECOND", "1000000",
            "BOWSTRING_SERVER_MAX_NEW_TOPICS_PER_MINUTE", "1000000",
            "BOWSTRING_SERVER_BLOCK_TIMEOUT", "10m",
            "BOWSTRING_SERVER_MIN_BLOCK_RATE", "0B");

    /** Options of this process alone: what its terminal sees, and agents, which listen on ports of their own. */
    private static final List<String> OWN_OPTIONS =
            List.of("-Dbowstring.", "-agent", "-javaagent", "-Dcom.sun.management.");

    private final Process process;
    private final ServerComplaints complaints;
    private final ServerAddress address;

    private ServerProcess(Process process, ServerComplaints complaints, ServerAddress address) {
        this.process = process;
        this.complaints = complaints;
        this.address = address;
    }

    /**
     * Starts a server; blocks until it is ready.
     *
     * @param main the class of the command
     * @throws IOException if it does not start
     */
    public static ServerProcess start(Class<?> main) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(main));
        SETTINGS.forEach(builder.environment()::putIfAbsent);
        Process process = builder.start();
        ServerComplaints complaints = ServerComplaints.of(process);
        try {
            return new ServerProcess(process, complaints, awaitReady(process, complaints));
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static List<String> command(Class<?> main) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (OWN_OPTIONS.stream().noneMatch(option::startsWith)) {
                command.add(option);
            }
        }
        String classPath = classPath();
        command.addAll(
                classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)
                        ? List.of("-jar", classPath) // whose manifest opens what Netty and Arrow need
                        : List.of("-cp", classPath, main.getName()));
        command.addAll(List.of("serve", "--host", "127.0.0.1", "--port", "0", "--unix", "none", "--until-input-ends"));
        return command;
    }

    /** Returns the class path of this process; a distribution's begins with an open file, which another process has not. */
    private static String classPath() throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            entries.add(Files.exists(path) ? path.toRealPath().toString() : entry);
        }
        return String.join(File.pathSeparator, entries);
    }

    private static ServerAddress awaitReady(Process process, ServerComplaints complaints) throws IOException {
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return ServerAddress.parse("bowstring://" + ready.group(1));
            }
        }
        throw new IOException("the server has not started: " + complaints.last());
    }

    /** Returns where it listens. */
    public ServerAddress address() {
        return address;
    }

    /** Returns what it has warned of. */
    public List<String> warnings() {
        return complaints.warnings();
    }

    /** Returns how much time of the processors it has used; null if the system does not tell. */
    @Nullable
    Duration cpuTime() {
        return process.info().totalCpuDuration().orElse(null);
    }

    /** Returns the most memory that has been resident; null if the system does not tell. */
    @Nullable
    Long peakBytes() {
        try {
            String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
            Matcher peak = PEAK.matcher(status);
            return peak.find() ? Long.parseLong(peak.group(1)) * BYTES_PER_KIB : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Asks it to stop, and waits for that. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
