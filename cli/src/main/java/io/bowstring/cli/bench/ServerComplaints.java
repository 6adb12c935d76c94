package io.bowstring.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the first warnings and the last line that a server process writes to its standard error. Thread-safe: a daemon thread
 * reads.
 */
final class ServerComplaints {
    private static final int MAX_WARNINGS = 10;

    // Guarded by this.
    private final List<String> warnings = new ArrayList<>();
    private String last = "it has written nothing";

    private final Thread reader;

    private ServerComplaints(BufferedReader errors) {
        reader = new Thread(() -> read(errors), "bowstring-bench-server");
        reader.setDaemon(true);
    }

    static ServerComplaints of(Process process) {
        ServerComplaints complaints = new ServerComplaints(process.errorReader());
        complaints.reader.start();
        return complaints;
    }

    private void read(BufferedReader errors) {
        try {
            for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            // The process is gone.
        }
    }

    private synchronized void add(String line) {
        last = line;
        if (warnings.size() < MAX_WARNINGS && (line.contains(" WARN ") || line.contains(" ERROR "))) {
            warnings.add(line);
        }
    }

    synchronized List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Returns the last line of a process that has ended. */
    String last() {
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return last;
        }
    }
}
