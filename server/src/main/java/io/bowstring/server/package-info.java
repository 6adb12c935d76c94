/**
 * The Bowstring server: the broker on a TCP port.
 *
 * <p>Start at {@link io.bowstring.server.Server}, or inside of another server at
 * {@link io.bowstring.server.ConnectionInitializer}. A connection carries requests one after another; each is an
 * {@link io.bowstring.server.Exchange} of its {@link io.bowstring.server.ConnectionHandler}. The words
 * <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those of {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.server;

import org.jspecify.annotations.NullMarked;
