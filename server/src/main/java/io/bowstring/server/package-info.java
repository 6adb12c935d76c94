/** The server: configuration and the TCP front end. */
@NullMarked
package io.bowstring.server;

import org.jspecify.annotations.NullMarked;
