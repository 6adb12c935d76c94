/**
 * What {@code bowstring bench} runs: a load of publishers and subscribers on a server, and what is measured of it. {@link
 * io.bowstring.cli.bench.Bench} runs one load, {@link io.bowstring.cli.bench.ServerProcess} is a server for it.
 *
 * <p>Each batch carries a {@link io.bowstring.cli.bench.Stamp}: its publisher, its number there, when it was due, and
 * whether it counts. So a subscriber needs to know nothing of the publishers to check and to measure, and they may be in
 * other processes. Batches are neither decoded nor copied where they are received.
 */
@NullMarked
package io.bowstring.cli.bench;

import org.jspecify.annotations.NullMarked;
