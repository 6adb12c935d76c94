package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ReferenceManager;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WideDecimalsTest {
    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void refusesMoreThanABufferHolds(int bits) {
        ArrowBuf narrow = new ArrowBuf(ReferenceManager.NO_OP, null, Integer.MAX_VALUE - 7, 0); // nothing of it is read
        try (BufferAllocator allocator = new RootAllocator()) {
            assertThatExceptionOfType(IpcException.class)
                    .isThrownBy(() -> WideDecimals.widen(narrow, bits, allocator))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(IpcErrorCode.TOO_LARGE))
                    .withMessageContaining("decimal");
        }
    }
}
