/** Small programs that put the codec, or the whole broker, into Netty servers of their own. */
@NullMarked
package io.bowstring.examples;

import org.jspecify.annotations.NullMarked;
