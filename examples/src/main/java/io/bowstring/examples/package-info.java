/** Small programs that put the codec into Netty pipelines of their own. */
@NullMarked
package io.bowstring.examples;

import org.jspecify.annotations.NullMarked;
