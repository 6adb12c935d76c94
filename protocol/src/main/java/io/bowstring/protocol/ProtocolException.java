package io.bowstring.protocol;

/**
 * A request that is refused, or a stream that is cut, for a reason that has a name. The message has the form
 * {@code field: value (expected: rule)} where a field is to blame.
 *
 * <p>The cause lies with the peer or with a limit, so there is no stack trace. Immutable.
 */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_ECHO_CHARS = 64;

    private final ErrorCode code;

    /** Creates a refusal with a message in words of our own. */
    public ProtocolException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** Creates a refusal that blames a field; at most 64 characters of the value are repeated. */
    public static ProtocolException of(ErrorCode code, String field, Object value, String rule) {
        return new ProtocolException(code, field + ": " + excerpt(value) + " (expected: " + rule + ")");
    }

    /** Returns why. */
    public ErrorCode code() {
        return code;
    }

    /** Returns as much of a value as a message may repeat. */
    static String excerpt(Object value) {
        String text = String.valueOf(value);
        return text.length() <= MAX_ECHO_CHARS ? text : text.substring(0, MAX_ECHO_CHARS) + "…";
    }
}
