package io.bowstring.bench;

import java.io.InputStream;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.jspecify.annotations.Nullable;

/**
 * Flight's {@code ArrowMessage}, which is not public: the bytes that a Flight server hands to gRPC, and what a client makes of
 * bytes that gRPC has received. Thread-safe.
 */
final class FlightMessages {
    private final Constructor<?> newMessage;
    private final Method asRecordBatch;
    private final Method stream;
    private final Method parse;
    private final Object marshaller;

    FlightMessages(BufferAllocator allocator) {
        try {
            Class<?> type = Class.forName(FlightClient.class.getPackageName() + ".ArrowMessage");
            newMessage = accessible(type.getDeclaredConstructor(
                    ArrowRecordBatch.class, ArrowBuf.class, boolean.class, IpcOption.class));
            asRecordBatch = accessible(type.getMethod("asRecordBatch"));
            marshaller = accessible(type.getMethod("createMarshaller", BufferAllocator.class))
                    .invoke(null, allocator);
            stream = accessible(marshaller.getClass().getMethod("stream", Object.class));
            parse = accessible(marshaller.getClass().getMethod("parse", InputStream.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Flight has changed", e);
        }
    }

    private static <T extends AccessibleObject> T accessible(T member) {
        member.setAccessible(true);
        return member;
    }

    /** Copies a message, which is consumed, into {@code target}, as gRPC does; returns its length. */
    int write(ArrowRecordBatch batch, byte[] target) throws Exception {
        try (AutoCloseable message =
                        (AutoCloseable) newMessage.newInstance(batch, noMetadata(), false, IpcOption.DEFAULT);
                InputStream bytes = (InputStream) stream.invoke(marshaller, message)) {
            return bytes.readNBytes(target, 0, target.length);
        }
    }

    private static @Nullable ArrowBuf noMetadata() {
        return null;
    }

    /** Reads a message; returns its batch, owned. */
    ArrowRecordBatch read(InputStream bytes) throws Exception {
        try (AutoCloseable message = (AutoCloseable) parse.invoke(marshaller, bytes)) {
            return (ArrowRecordBatch) asRecordBatch.invoke(message);
        }
    }
}
