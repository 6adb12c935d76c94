package io.bowstring.bench.peers;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/**
 * This process itself, which writes to a folder for a {@link DiskLane}.
 *
 * @param folder where it writes
 */
record DiskProcess(Path folder) implements RelayProcess {
    @Override
    public int port() {
        return 0;
    }

    @Override
    public double cpuSeconds() {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return system.getProcessCpuTime() / 1e9;
    }

    @Override
    public List<String> log() {
        return List.of();
    }

    @Override
    public void close() {
        // it is this process
    }
}
