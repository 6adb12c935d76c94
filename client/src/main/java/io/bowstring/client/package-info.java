/** Java publisher and subscriber. */
@NullMarked
package io.bowstring.client;

import org.jspecify.annotations.NullMarked;
