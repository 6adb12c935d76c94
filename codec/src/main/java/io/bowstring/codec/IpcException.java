package io.bowstring.codec;

import io.netty.handler.codec.DecoderException;
import org.jspecify.annotations.Nullable;

/**
 * The peer sent bytes that cannot be accepted. The message has the form {@code field: value (expected: rule)}.
 *
 * <p>The cause lies with the peer, so there is no stack trace: building one would let a peer buy CPU time with a few
 * bad bytes. Immutable.
 */
public final class IpcException extends DecoderException {
    private static final long serialVersionUID = 1L;

    private final IpcErrorCode code;
    private final @Nullable String limit;

    /**
     * Creates one, for readers that find what the codec does not look for.
     *
     * @param field what is wrong
     * @param value what it is, no more than 64 characters of the peer's
     * @param rule what it should be
     */
    public IpcException(IpcErrorCode code, String field, Object value, String rule) {
        this(code, field, value, rule, null);
    }

    /** As above, where {@code limit} is the component of {@link IpcLimits} that says so; null where none does. */
    public IpcException(IpcErrorCode code, String field, Object value, String rule, @Nullable String limit) {
        super(field + ": " + value + " (expected: " + rule + ")");
        this.code = code;
        this.limit = limit;
    }

    static IpcException malformed(String field, Object value, String rule) {
        return new IpcException(IpcErrorCode.MALFORMED, field, value, rule);
    }

    /** Throws {@link #tooLarge} where {@code value} is more than {@code most}. */
    static void requireAtMost(String field, long value, long most, @Nullable String limit) {
        if (value > most) {
            throw tooLarge(field, value, most, limit);
        }
    }

    /** As it is where {@code limit} is the component of {@link IpcLimits} that says so; null where none does. */
    static IpcException tooLarge(String field, long value, long most, @Nullable String limit) {
        return new IpcException(IpcErrorCode.TOO_LARGE, field, value, "<= " + most, limit);
    }

    static IpcException unsupported(String field, Object value, String rule) {
        return new IpcException(IpcErrorCode.UNSUPPORTED, field, value, rule);
    }

    /** Returns which way the bytes were wrong. */
    public IpcErrorCode code() {
        return code;
    }

    /** Returns the component of {@link IpcLimits} that would have to be larger; null where that is not what is wrong. */
    public @Nullable String limit() {
        return limit;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
