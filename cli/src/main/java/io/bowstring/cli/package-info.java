/**
 * The {@code bowstring} command. {@link io.bowstring.cli.Bowstring} is its main class, each command is one class.
 *
 * <p>Data passes through as the messages that it came in; only the formats for people and {@code json} decode, and only
 * text files are made into messages, by {@code io.bowstring.vector}. The words <i>consumed</i>, <i>borrowed</i> and
 * <i>owned</i> are those of {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.cli;

import org.jspecify.annotations.NullMarked;
