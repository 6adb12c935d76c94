/**
 * The Bowstring protocol: requests, replies and error codes as Arrow schema metadata and small Arrow tables.
 *
 * <p>Parse and write of each stand side by side: {@link io.bowstring.protocol.Request} is what a client asks,
 * {@link io.bowstring.protocol.Refusal}, {@link io.bowstring.protocol.BatchPosition},
 * {@link io.bowstring.protocol.TopicStatus} and {@link io.bowstring.protocol.Acknowledgement} are what it gets. The
 * wire is described in {@code docs/reference/protocol.md}. The words <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those
 * of {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.protocol;

import org.jspecify.annotations.NullMarked;
