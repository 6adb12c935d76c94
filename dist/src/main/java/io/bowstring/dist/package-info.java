/** What the build of the distribution makes of the command line: completion scripts and the man page. Not deployed. */
@NullMarked
package io.bowstring.dist;

import org.jspecify.annotations.NullMarked;
