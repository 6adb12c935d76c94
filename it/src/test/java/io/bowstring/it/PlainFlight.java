package io.bowstring.it;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Arrow Flight as it looks to gRPC alone: methods of a service, messages that are bytes. Not instantiable. */
final class PlainFlight {
    static final String SERVICE = "arrow.flight.protocol.FlightService";
    static final MethodDescriptor<byte[], byte[]> DO_GET = method("DoGet", MethodType.SERVER_STREAMING);
    static final MethodDescriptor<byte[], byte[]> DO_PUT = method("DoPut", MethodType.BIDI_STREAMING);

    private PlainFlight() {}

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            try {
                return message.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
