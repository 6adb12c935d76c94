/**
 * Arrow Flight's {@code FlightData}, converted to and from the codec's messages, for those who have gRPC and not Arrow's
 * Flight library: {@link io.bowstring.flight.FlightDataDecoder} reads it, {@link io.bowstring.flight.FlightData#encode}
 * writes it. Ownership is said in the words of {@link io.bowstring.codec}.
 *
 * <p>Where to start reading: {@code FlightDataDecoder} asks {@code FlightFields}, which has a {@code ProtobufReader}, where
 * metadata and body stand, and gives both to the codec's {@code IpcStreamReader}. {@code FlightData} writes the same fields
 * before a body that is not copied.
 */
@NullMarked
package io.bowstring.flight;

import org.jspecify.annotations.NullMarked;
