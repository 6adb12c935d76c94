package io.bowstring.bench.peers;

import java.util.List;
import java.util.Optional;

/** All lanes, in the order of the tables. */
final class Lanes {
    static final String RAW = "RAW";
    static final String BOWSTRING = "BOWSTRING";
    static final String CLIENT = "CLIENT";
    static final String FLIGHT = "FLIGHT";
    static final String FLIGHT_CPP = "FLIGHT_CPP";
    static final String NATS = "NATS";
    static final String DURABLE = "DURABLE";
    static final String DURABLE_ALWAYS = "DURABLE_ALWAYS";
    static final String JETSTREAM = "JETSTREAM";
    static final String JETSTREAM_ALWAYS = "JETSTREAM_ALWAYS";
    static final String KAFKA_ALWAYS = "KAFKA_ALWAYS";
    static final String DISK = "DISK";
    static final String DISK_4M = "DISK_4M";

    static final List<Lane> ALL = List.of(
            new RawLane(),
            BowstringLane.ofSockets(),
            BowstringLane.ofClients(),
            new FlightLane(),
            new FlightCppLane(),
            new NatsLane(),
            DurableLane.ofWrites(),
            DurableLane.ofSyncs(),
            JetStreamLane.ofDefaults(),
            JetStreamLane.ofSyncs(),
            new KafkaLane(),
            DiskLane.ofBatches(),
            DiskLane.ofGroups());

    private Lanes() {}

    static Optional<Lane> named(String name) {
        return ALL.stream().filter(lane -> lane.name().equals(name)).findFirst();
    }
}
