package io.bowstring.bench.peers;

/** What can be asked of all lanes. */
enum Part {
    /** How much they deliver at most, and what it costs. */
    THROUGHPUT,
    /** How late batches are at rates that they can do. */
    LATENCY,
    /** What more subscribers, topics and publishers change. */
    GROWTH
}
