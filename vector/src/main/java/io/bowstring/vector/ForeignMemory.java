package io.bowstring.vector;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * Makes byte buffers of memory that Java has not allocated, and tells where byte buffers are, without JVM flags: by the
 * same {@code sun.misc.Unsafe} that arrow-java cannot do without. The buffers free nothing. Not instantiable.
 *
 * <p>It gives an empty direct buffer another address and capacity, since the JDK has no other way that works from 17 on:
 * the constructor of direct buffers needs {@code --add-opens}, {@code MemorySegment.reinterpret} needs 22 and warns.
 */
final class ForeignMemory {
    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(0);
    private static final MethodHandle GET_LONG;
    private static final MethodHandle PUT_LONG;
    private static final MethodHandle PUT_INT;
    private static final long ADDRESS;
    private static final long CAPACITY;

    static {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field instance = type.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            MethodHandle offset = method(type, "objectFieldOffset", MethodType.methodType(long.class, Field.class))
                    .bindTo(instance.get(null));
            GET_LONG = method(type, "getLong", MethodType.methodType(long.class, Object.class, long.class))
                    .bindTo(instance.get(null));
            PUT_LONG = method(type, "putLong", setter(long.class)).bindTo(instance.get(null));
            PUT_INT = method(type, "putInt", setter(int.class)).bindTo(instance.get(null));
            ADDRESS = (long) offset.invokeExact(Buffer.class.getDeclaredField("address"));
            CAPACITY = (long) offset.invokeExact(Buffer.class.getDeclaredField("capacity"));
        } catch (Throwable e) {
            throw new IllegalStateException("sun.misc.Unsafe: not usable (expected: as arrow-java needs it)", e);
        }
    }

    private ForeignMemory() {}

    private static MethodHandle method(Class<?> type, String name, MethodType signature)
            throws ReflectiveOperationException {
        return MethodHandles.publicLookup().findVirtual(type, name, signature);
    }

    private static MethodType setter(Class<?> value) {
        return MethodType.methodType(void.class, Object.class, long.class, value);
    }

    /**
     * Returns the memory at {@code address} as a buffer; the caller keeps the memory while the buffer is in use.
     *
     * @return borrowed
     */
    static ByteBuffer at(long address, int bytes) {
        ByteBuffer buffer = EMPTY.duplicate(); // has no cleaner
        try {
            PUT_LONG.invokeExact((Object) buffer, ADDRESS, address);
            PUT_INT.invokeExact((Object) buffer, CAPACITY, bytes);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        return buffer.clear();
    }

    /** Returns where the first remaining byte of a direct buffer, borrowed, is. */
    static long address(ByteBuffer buffer) {
        try {
            return (long) GET_LONG.invokeExact((Object) buffer, ADDRESS) + buffer.position();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
