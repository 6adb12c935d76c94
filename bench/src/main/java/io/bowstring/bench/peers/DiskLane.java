package io.bowstring.bench.peers;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** No relay: a loop in this process that writes groups of batches to a file and syncs each, the least that it costs. Immutable. */
final class DiskLane implements Lane {
    /** So much a durable topic writes at once, if it is there. */
    private static final int GROUP_BYTES = 4 << 20;

    private static final int MIN_BODY_BYTES = 64 << 10;

    private final String name;

    /** A group has so much, and one batch at least. */
    private final int groupBytes;

    private DiskLane(String name, int groupBytes) {
        this.name = name;
        this.groupBytes = groupBytes;
    }

    /** Returns the lane that syncs each batch. */
    static DiskLane ofBatches() {
        return new DiskLane(Lanes.DISK, 1);
    }

    /** Returns the lane that syncs groups as large as those of a durable topic at most are. */
    static DiskLane ofGroups() {
        return new DiskLane(Lanes.DISK_4M, GROUP_BYTES);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable String missing(Programs programs) {
        return null;
    }

    @Override
    public String version(Programs programs) {
        return "write and fdatasync of " + (groupBytes == 1 ? "each batch" : "4 MiB each");
    }

    @Override
    public RelayProcess start(Programs programs, Path folder) {
        return new DiskProcess(folder);
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new DiskParties(((DiskProcess) relay).folder(), groupBytes);
    }

    @Override
    public boolean isInMemory() {
        return false;
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return shape.bodyBytes() < MIN_BODY_BYTES
                ? "small batches have no sync of their own"
                : Durability.refusal(shape);
    }
}
