package io.bowstring.bench.peers;

/** The parts of a run. */
enum Part {
    /** Measures the highest throughput of each lane, and the CPU time that it costs. */
    THROUGHPUT,
    /** Measures delays at two rates that the lanes can keep. */
    LATENCY,
    /** Measures throughput and cost of each lane with more subscribers, topics and publishers. */
    GROWTH,
    /** Measures how fast a durable topic is read from disk, and what a live subscriber notices of that. */
    REPLAY,
    /** Measures how long a durable topic takes to open after a kill. */
    RECOVERY;

    /** Returns whether lanes take turns in it. */
    boolean isContest() {
        return this == THROUGHPUT || this == LATENCY || this == GROWTH;
    }
}
