/**
 * Arrow Flight's {@code FlightData}, converted to and from the codec's messages, for those who have gRPC and not Arrow's
 * Flight library: {@link io.bowstring.flight.FlightDataDecoder} reads it, {@link io.bowstring.flight.FlightData#encode}
 * writes it. Ownership is said in the words of {@link io.bowstring.codec}.
 */
@NullMarked
package io.bowstring.flight;

import org.jspecify.annotations.NullMarked;
