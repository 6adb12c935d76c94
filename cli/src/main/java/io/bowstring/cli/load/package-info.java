/**
 * What {@code docker/load-test.sh} makes of the results of its processes: {@link io.bowstring.cli.load.LoadResults} reads them,
 * {@link io.bowstring.cli.load.LoadCheck} holds them against the scenario, {@link io.bowstring.cli.load.LoadReport} writes a
 * page and {@link io.bowstring.cli.load.LatencyChart} a picture. It is here and not in the script so that a machine needs
 * nothing but the image.
 */
@NullMarked
package io.bowstring.cli.load;

import org.jspecify.annotations.NullMarked;
