package io.bowstring.client;

import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.Refusal;

/**
 * The server refused the request, or refused to continue with it, and said why. The message has the form
 * {@code CODE: message}. Immutable.
 */
public sealed class RefusedException extends ClientException permits LaggedException {
    private static final long serialVersionUID = 1L;

    private final String code;

    RefusedException(Refusal refusal) {
        super(refusal.code() + ": " + refusal.message());
        this.code = refusal.code();
    }

    /** Takes {@code CODE: message} apart, as an acknowledgement carries it. */
    static RefusedException parse(String error) {
        int colon = error.indexOf(": ");
        return new RefusedException(
                colon < 0
                        ? new Refusal(error, "the server did not say why")
                        : new Refusal(error.substring(0, colon), error.substring(colon + 2)));
    }

    /** Returns whether the server refused with a code. */
    boolean is(ErrorCode wanted) {
        return code.equals(wanted.name());
    }

    /** Returns whether the same request may be served later. */
    boolean isTransient() {
        return is(ErrorCode.SHUTTING_DOWN) || is(ErrorCode.LIMIT_REACHED) || is(ErrorCode.STORAGE_FULL);
    }

    /** Returns the name of an {@link io.bowstring.protocol.ErrorCode}; a newer server may know more of them. */
    public String code() {
        return code;
    }
}
