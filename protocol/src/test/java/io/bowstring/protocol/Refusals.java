package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions on {@link ProtocolException}s. Not instantiable. */
final class Refusals {
    private Refusals() {}

    /** Checks that a call is refused with exactly this code and message, and without a stack trace. */
    static void assertRefused(ThrowingCallable call, ErrorCode code, String message) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(call)
                .withMessage(message)
                .returns(code, ProtocolException::code)
                .returns(0, e -> e.getStackTrace().length);
    }
}
