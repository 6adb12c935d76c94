/**
 * Arrow IPC messages to and from arrow-java's vectors, which share their memory: nothing of a body is copied. The only
 * place where Netty's buffers meet Arrow's.
 *
 * <p>Runs on a stock JVM from 17 on without flags. The words <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those of
 * {@code io.bowstring.codec}, and are used of vectors and of {@code ArrowBuf}s too.
 */
@NullMarked
package io.bowstring.vector;

import org.jspecify.annotations.NullMarked;
