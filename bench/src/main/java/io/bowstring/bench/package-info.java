/** Benchmarks of Bowstring against what one would do without it; see docs/internals/benchmarks.md. Not deployed. */
@NullMarked
package io.bowstring.bench;

import org.jspecify.annotations.NullMarked;
