/** The {@code bowstring} command. */
@NullMarked
package io.bowstring.cli;

import org.jspecify.annotations.NullMarked;
