/** Small programs: with the client, and with the codec or the whole broker in Netty servers of their own. */
@NullMarked
package io.bowstring.examples;

import org.jspecify.annotations.NullMarked;
