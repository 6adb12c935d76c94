package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcErrorCode;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    /** These names stand on the wire: a constant may be added here, never renamed or removed. */
    @Test
    void keepsItsNames() {
        assertThat(ErrorCode.values())
                .extracting(ErrorCode::name)
                .containsExactly(
                        "BAD_REQUEST",
                        "BAD_STREAM",
                        "TOO_LARGE",
                        "UNSUPPORTED",
                        "UNKNOWN_TOPIC",
                        "BAD_TOPIC_NAME",
                        "SCHEMA_MISMATCH",
                        "TOPIC_SEALED",
                        "FENCED",
                        "OFFSET_EXPIRED",
                        "LAGGED",
                        "UNAUTHENTICATED",
                        "FORBIDDEN",
                        "LIMIT_REACHED",
                        "TOO_SLOW",
                        "STORAGE_FULL",
                        "STORAGE_FAILED",
                        "SHUTTING_DOWN",
                        "INTERNAL");
    }

    @Test
    void mapsEveryViolationThatTheCodecFinds() {
        Map<IpcErrorCode, ErrorCode> codes = new EnumMap<>(IpcErrorCode.class);
        for (IpcErrorCode code : IpcErrorCode.values()) {
            codes.put(code, ErrorCode.of(code));
        }

        assertThat(codes)
                .containsExactly(
                        Map.entry(IpcErrorCode.NOT_ARROW, ErrorCode.BAD_STREAM),
                        Map.entry(IpcErrorCode.MALFORMED, ErrorCode.BAD_STREAM),
                        Map.entry(IpcErrorCode.OUT_OF_ORDER, ErrorCode.BAD_STREAM),
                        Map.entry(IpcErrorCode.TRUNCATED, ErrorCode.BAD_STREAM),
                        Map.entry(IpcErrorCode.TOO_LARGE, ErrorCode.TOO_LARGE),
                        Map.entry(IpcErrorCode.UNSUPPORTED, ErrorCode.UNSUPPORTED));
    }
}
