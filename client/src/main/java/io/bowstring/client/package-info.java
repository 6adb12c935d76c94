/**
 * Java publisher and subscriber. Both block, run on any Java 17 without JVM flags, and pass messages on as the bytes
 * that they are: what is in a batch is for the caller to decode.
 *
 * <p>Start with {@link io.bowstring.client.Publisher} and {@link io.bowstring.client.Subscriber}:
 *
 * <pre>{@code
 * ServerAddress server = ServerAddress.parse("bowstring://localhost");
 * var request = new SubscribeRequest(
 *         new TopicName("trades"), StartPosition.EARLIEST, EndPosition.LIVE, LagPolicy.DISCONNECT);
 * try (Subscriber subscriber = Subscriber.open(server, request)) {
 *     for (IpcMessage message = subscriber.next(); message != null; message = subscriber.next()) {
 *         System.out.println(message); // owned
 *         message.release();
 *     }
 * }
 * }</pre>
 *
 * <p>Every failure is a {@link io.bowstring.client.ClientException}. The words <i>consumed</i>, <i>borrowed</i> and
 * <i>owned</i> are those of {@code io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.client;

import org.jspecify.annotations.NullMarked;
