/**
 * What a Java program publishes and subscribes with. Start with {@link io.bowstring.client.Client}:
 *
 * <pre>{@code
 * try (Client client = Client.connect("bowstring://localhost");
 *         Publisher publisher = client.publisher("trades", schema);
 *         VectorSchemaRoot root = VectorSchemaRoot.create(schema, client.allocator())) {
 *     while (fill(root)) {
 *         publisher.publish(root); // takes the vectors' memory, and blocks while too much is not acknowledged
 *     }
 * } // waits until all of it is acknowledged
 * }</pre>
 *
 * <p>A thread that waits for batches iterates over a {@link io.bowstring.client.Subscription}. {@code Client.subscribe} calls a
 * {@link java.util.concurrent.Flow.Subscriber} when they come, on an event loop or an executor, and {@code Client.flow} is for
 * libraries of reactive streams. Programs that have bytes and not vectors use {@link io.bowstring.client.MessagePublisher} and
 * {@link io.bowstring.client.MessageSubscription}.
 *
 * <p>A connection that is lost is made again. A publisher then publishes again what was not acknowledged, and the server
 * drops what it has already, so that each batch is in the topic once; a subscription continues after the last batch that came.
 * Topics live as long as their server: after a restart of it a publisher continues with what was not acknowledged, a live
 * subscription from the earliest batch of the new log, and the {@link io.bowstring.client.ClientListener} is told.
 *
 * <p>A publisher without an id is another one with each run of the program. One with an id, {@code
 * PublisherConfig.withProducer}, says by {@code resuming()} that it continues after what the topic has of it, or by {@code
 * repeating()} that it publishes the same batches again. How long a server may be silent is said by {@link
 * io.bowstring.client.TimeoutConfig}; how much of it a client takes, by the limits of its {@link
 * io.bowstring.client.ClientConfig}.
 *
 * <p>Runs on a stock JVM from 17 on without flags. Every failure of the connection or the server is a {@link
 * io.bowstring.client.ClientException}. The words <i>consumed</i>, <i>borrowed</i> and <i>owned</i> are those of {@code
 * io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.client;

import org.jspecify.annotations.NullMarked;
