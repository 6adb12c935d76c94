/**
 * Topics, logs and cursors: publish-subscribe of Arrow record batches without sockets.
 *
 * <p>Start at {@link io.bowstring.broker.Broker}. A front end hands in the messages of a publisher through a
 * {@link io.bowstring.broker.Publication} and implements {@link io.bowstring.broker.SubscriptionSink} for a subscriber.
 * In the same JVM there are {@link io.bowstring.broker.LocalPublisher} and {@link io.bowstring.broker.LocalSubscriber}.
 * Each topic runs its tasks in its turn: one after another, on the thread that brings one. A subscription reads the topic's log on
 * its own event loop, without locks. The words <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those of
 * {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.broker;

import org.jspecify.annotations.NullMarked;
