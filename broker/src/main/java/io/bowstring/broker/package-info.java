/** Topics, logs, cursors and retention, without channels or sockets. */
@NullMarked
package io.bowstring.broker;

import org.jspecify.annotations.NullMarked;
