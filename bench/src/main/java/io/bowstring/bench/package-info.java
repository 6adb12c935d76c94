/** Benchmarks of Bowstring against what one would do without it; see docs/benchmarks/details.md. Not deployed. */
@NullMarked
package io.bowstring.bench;

import org.jspecify.annotations.NullMarked;
