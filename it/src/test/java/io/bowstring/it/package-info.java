/** Black-box tests over real sockets with stock Arrow clients. */
@NullMarked
package io.bowstring.it;

import org.jspecify.annotations.NullMarked;
