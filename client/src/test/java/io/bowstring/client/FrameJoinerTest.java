package io.bowstring.client;

import static io.bowstring.client.PublisherRig.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class FrameJoinerTest {
    private static final int LONG_ROWS = 1_024; // whose head makes it longer than 8 KiB

    private final List<Integer> lengths = new ArrayList<>();
    private final ByteBuf passed = Unpooled.buffer();
    private final ByteBuf expected = Unpooled.buffer();
    private final FrameJoiner joiner = new FrameJoiner(bytes -> {
        lengths.add(bytes.readableBytes());
        passed.writeBytes(bytes);
        bytes.release();
    });

    private void add(int rows) {
        IpcRecordBatch batch = batch(rows);
        expected.writeBytes(batch.frame());
        joiner.add(batch, ByteBufAllocator.DEFAULT);
    }

    @Test
    void passesShortOnesOnTogetherAndLongOnesAlone() {
        int shortBytes = frameBytes(1);
        int longBytes = frameBytes(LONG_ROWS);
        add(1);
        add(1);
        add(LONG_ROWS);
        add(LONG_ROWS);
        add(1);
        assertThat(lengths).containsExactly(2 * shortBytes, longBytes, longBytes);

        joiner.flush();
        joiner.flush();

        assertThat(lengths).containsExactly(2 * shortBytes, longBytes, longBytes, shortBytes);
        assertThat(passed).isEqualTo(expected);
    }

    @Test
    void passesOnWhatIsFull() {
        int bytes = frameBytes(900);
        int fitting = (64 << 10) / bytes;
        for (int i = 0; i <= fitting; i++) {
            add(900);
        }
        assertThat(lengths).containsExactly(fitting * bytes);

        joiner.flush();

        assertThat(lengths).containsExactly(fitting * bytes, bytes);
        assertThat(passed).isEqualTo(expected);
    }

    @Test
    void dropsWhatItHoldsBack() {
        add(1);

        joiner.clear();
        joiner.clear();
        joiner.flush();

        assertThat(lengths).isEmpty();
    }

    @Test
    void letsGoOfAMessageThatThereIsNoMemoryFor() {
        add(1); // alone it needs none
        IpcRecordBatch batch = batch(1);

        assertThatThrownBy(() -> joiner.add(batch, new NoMemory("add", 1))).isInstanceOf(OutOfMemoryError.class);

        assertThat(batch.refCnt()).isZero();
        joiner.clear();
        joiner.flush();
        assertThat(lengths).isEmpty();
    }

    @Test
    void passesAShortMessageThatComesAloneAsItIs() {
        IpcRecordBatch batch = batch(1);
        joiner.add(batch, new NoMemory("add", 1));

        joiner.flush();

        assertThat(lengths).containsExactly(frameBytes(1));
    }

    private static int frameBytes(int rows) {
        IpcRecordBatch batch = batch(rows);
        int bytes = batch.frameBytes();
        batch.release();
        return bytes;
    }
}
