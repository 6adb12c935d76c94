package io.bowstring.bench.peers;

/** The parts of a run; each measures all lanes. */
enum Part {
    /** Measures the highest throughput, and the CPU time that it costs. */
    THROUGHPUT,
    /** Measures delays at two rates that the lanes can keep. */
    LATENCY,
    /** Measures throughput and cost with more subscribers, topics and publishers. */
    GROWTH
}
