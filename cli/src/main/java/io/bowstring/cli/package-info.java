/**
 * The {@code bowstring} command. {@link io.bowstring.cli.Bowstring} is its main class, each command is one class.
 *
 * <p>Data passes through as the messages that it came in; only the formats of text decode, and only text files are
 * made into messages, both by {@code io.bowstring.text}. The words <i>consumed</i>, <i>borrowed</i> and
 * <i>owned</i> are those of {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.cli;

import org.jspecify.annotations.NullMarked;
