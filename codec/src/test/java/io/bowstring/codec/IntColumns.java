package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;

/** A batch of three columns of 32-bit integers. Not instantiable. */
final class IntColumns {
    static final IpcField A = IpcField.of("a", true, IpcType.INT32);
    static final IpcField B = IpcField.of("b", true, IpcType.INT32);
    static final IpcField C = IpcField.of("c", true, IpcType.INT32);

    static final List<IpcField> FIELDS = List.of(A, B, C);

    /** Of {@code a, b, c}: 1, 2, 3 and 4, 5, 6 and 7, 8, 9. */
    static final byte[] BATCH = new BatchBytes(3)
            .node(3, 0)
            .node(3, 0)
            .node(3, 0)
            .buffer(new byte[0])
            .buffer(ints(1, 2, 3))
            .buffer(new byte[0])
            .buffer(ints(4, 5, 6))
            .buffer(new byte[0])
            .buffer(ints(7, 8, 9))
            .message();

    private IntColumns() {}

    /** Returns the bytes of a buffer. */
    static byte[] ints(int... values) {
        ByteBuf bytes = Unpooled.buffer();
        for (int value : values) {
            bytes.writeIntLE(value);
        }
        return ByteBufUtil.getBytes(bytes);
    }
}
