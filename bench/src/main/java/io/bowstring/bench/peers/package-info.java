/**
 * Bowstring beside what one would use instead: {@link io.bowstring.bench.peers.Peers} lets every {@link
 * io.bowstring.bench.peers.Lane} take its turns in one run; see docs/benchmarks.md.
 *
 * <p>A lane is a relay in a process of its own, and the parties that load it; only that of the disk has no relay. A new one is a class, and a line in {@link
 * io.bowstring.bench.peers.Lanes}.
 */
@NullMarked
package io.bowstring.bench.peers;

import org.jspecify.annotations.NullMarked;
