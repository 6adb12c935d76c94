package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchTemplatesTest {
    @Test
    void areMadeOfTheFirstFourBatchesThatDifferAndThenOfEveryEighth() {
        BatchTemplates templates = new BatchTemplates(1 << 20);
        MessageHeader header = Wire.frame(Unpooled.wrappedBuffer(Wire.BATCH)).header();

        int[] made = IntStream.range(0, 32).filter(i -> templates.wants(header)).toArray();

        assertThat(made).containsExactly(0, 1, 2, 3, 7, 15, 23, 31);
    }
}
