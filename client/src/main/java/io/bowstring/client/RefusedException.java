package io.bowstring.client;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.Refusal;

/**
 * The server refused the request, or refused to continue with it, and said why; or it would, and was not asked. The message has
 * the form {@code CODE: message}. Immutable.
 */
public sealed class RefusedException extends ClientException permits LaggedException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    RefusedException(Refusal refusal) {
        super(refusal.code() + ": " + refusal.message());
        this.code = codeOf(refusal.code());
    }

    /** Creates the refusal of what the server need not be asked for. */
    RefusedException(ProtocolException reason) {
        this(Refusal.of(reason));
    }

    private static ErrorCode codeOf(String name) {
        for (ErrorCode each : ErrorCode.values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return ErrorCode.INTERNAL;
    }

    /** Takes {@code CODE: message} apart, as an acknowledgement carries it. */
    static RefusedException parse(String error) {
        int colon = error.indexOf(": ");
        return new RefusedException(
                colon < 0
                        ? new Refusal(error, "the server did not say why")
                        : new Refusal(error.substring(0, colon), error.substring(colon + 2)));
    }

    /** Returns whether the same request may be served later, without anybody's help: a disk that is full may have room again. */
    boolean isTransient() {
        return code == ErrorCode.SHUTTING_DOWN || code == ErrorCode.LIMIT_REACHED || code == ErrorCode.STORAGE_FULL;
    }

    /** Returns why; {@code INTERNAL} where a newer server has a code that is not known here, and the message begins with. */
    public ErrorCode code() {
        return code;
    }
}
