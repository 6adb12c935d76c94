package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes are, they are a footer with no more blocks than there is room for or refused with an {@link
 * IpcException}. See {@link IpcDecoderFuzzTest} for how it is run.
 */
class IpcFileFooterFuzzTest {
    private static final int BLOCK_BYTES = 24;

    @MethodSource("seeds")
    @FuzzTest
    void endsInBlocksOrInOneError(byte[] input) {
        IpcFileFooter footer;
        try {
            footer = IpcFileFooter.read(Unpooled.wrappedBuffer(input));
        } catch (IpcException e) {
            return;
        }
        assertThat(footer.dictionaries()).hasSizeLessThanOrEqualTo(input.length / BLOCK_BYTES);
        assertThat(footer.recordBatches()).hasSizeLessThanOrEqualTo(input.length / BLOCK_BYTES);
    }

    static Stream<byte[]> seeds() {
        return Stream.of(IpcFileFooterTest.FOOTER);
    }
}
