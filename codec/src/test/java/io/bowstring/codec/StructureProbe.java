package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;

/** What a decoder that verifies the structure says to a batch, given its schema. Not instantiable. */
public final class StructureProbe {
    private StructureProbe() {}

    /** Returns a nullable field. */
    public static IpcField field(IpcType type, IpcField... children) {
        return new IpcField("f", true, type, null, List.of(children));
    }

    /** Returns a field that cannot be null. */
    public static IpcField required(IpcType type, IpcField... children) {
        return new IpcField("f", false, type, null, List.of(children));
    }

    /** Returns a nullable field that is encoded with a dictionary, by 8-bit indices. */
    public static IpcField encoded(long id, IpcType type, IpcField... children) {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(id, IpcType.of(IpcTypeId.INT, 8, 1), false);
        return new IpcField("f", true, type, encoding, List.of(children));
    }

    static byte[] schema(IpcField... fields) {
        IpcSchema schema = IpcSchema.of(List.of(fields), Map.of(), UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(schema.frame());
        schema.release();
        return bytes;
    }

    static void assertAccepted(IpcField field, byte[] batch) {
        assertAccepted(schema(field), batch);
    }

    static void assertAccepted(byte[]... messages) {
        try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE).feed(messages)) {
            assertThat(probe.errors).isEmpty();
            assertThat(probe.messages).hasSize(messages.length);
        }
    }

    static void assertMalformed(IpcField field, byte[] batch, String message) {
        assertRefused(schema(field), batch, IpcErrorCode.MALFORMED, message);
    }

    static void assertRefused(byte[] schema, byte[] batch, IpcErrorCode code, String message) {
        try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE).feed(schema, batch)) {
            IpcException error = probe.error();
            assertThat(error).hasMessage(message);
            assertThat(error.code()).isEqualTo(code);
            assertThat(probe.messages).hasSize(1);
        }
    }

    /** The schema itself is refused, and accepted where batches are not verified. */
    static void assertMalformedSchema(String message, IpcField... fields) {
        byte[] schema = schema(fields);
        try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE).feed(schema)) {
            IpcException error = probe.error();
            assertThat(error).hasMessage(message);
            assertThat(error.code()).isEqualTo(IpcErrorCode.MALFORMED);
            assertThat(probe.messages).isEmpty();
        }
        try (DecoderProbe probe = new DecoderProbe(IpcLimits.DEFAULTS, IpcVerification.FRAMING).feed(schema)) {
            assertThat(probe.messages).hasSize(1);
        }
    }
}
