package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Dictionary batches of a stream with one field, decoded and verified. Confined to the test's thread. */
public final class DictionaryProbe implements AutoCloseable {
    /** The id of all of them. */
    public static final long ID = 7;

    public static final byte[] NONE = {};
    public static final IpcField UTF8 = encoded(IpcType.UTF8);
    public static final IpcField BITS = encoded(IpcType.BOOL);
    public static final IpcField INT32 = encoded(IpcType.INT32);

    private final DecoderProbe probe;

    public DictionaryProbe(IpcField field, BatchBytes... batches) {
        this(IpcVerification.STRUCTURE, field, batches);
    }

    public DictionaryProbe(IpcVerification verification, IpcField field, BatchBytes... batches) {
        probe = new DecoderProbe(IpcLimits.DEFAULTS, verification).feed(StructureProbe.schema(field));
        for (BatchBytes batch : batches) {
            feed(batch.dictionary(ID));
        }
    }

    public DictionaryProbe feed(byte[] frame) {
        probe.feed(frame);
        assertThat(probe.errors).isEmpty();
        return this;
    }

    /** Decodes a frame, which is consumed. */
    public DictionaryProbe feed(ByteBuf frame) {
        probe.channel.writeInbound(frame);
        assertThat(probe.errors).isEmpty();
        return this;
    }

    /** Returns the batches; borrowed. */
    public List<IpcDictionaryBatch> batches() {
        return probe.messages.stream()
                .filter(IpcDictionaryBatch.class::isInstance)
                .map(IpcDictionaryBatch.class::cast)
                .toList();
    }

    @Override
    public void close() {
        probe.close();
    }

    public static IpcField encoded(IpcType type, IpcField... children) {
        return StructureProbe.encoded(ID, type, children);
    }

    public static byte[] ints(int... values) {
        ByteBuf bytes = Unpooled.buffer();
        for (int value : values) {
            bytes.writeIntLE(value);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    public static byte[] longs(long... values) {
        ByteBuf bytes = Unpooled.buffer();
        for (long value : values) {
            bytes.writeLongLE(value);
        }
        return ByteBufUtil.getBytes(bytes);
    }

    public static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a batch of at most eight strings; an empty validity is left out. */
    public static BatchBytes strings(byte[] validity, int[] offsets, String data) {
        int nulls = validity.length == 0 ? 0 : offsets.length - 1 - Integer.bitCount(validity[0] & 0xFF);
        return new BatchBytes(offsets.length - 1)
                .node(offsets.length - 1, nulls)
                .buffer(validity)
                .buffer(ints(offsets))
                .buffer(text(data));
    }
}
