/**
 * Rows as text: start with {@link io.bowstring.text.RowSource}, which makes record batches of CSV and JSON lines, and with
 * {@link io.bowstring.text.RowPrinter}, which writes batches as CSV, JSON lines or a table. {@code RowSource} reads equal
 * values back from CSV and JSON.
 *
 * <p>The words <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those of {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.text;

import org.jspecify.annotations.NullMarked;
