package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class LeakDetectionTest {
    @Test
    void noticesBufferThatIsNotReleased() {
        ByteBuf leaked = PooledByteBufAllocator.DEFAULT.buffer(8);

        assertNoticed(leaked);
    }

    @Test
    void noticesBufferOfEmbeddedChannel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        ByteBuf leaked = channel.alloc().directBuffer(8);
        channel.finish();

        assertNoticed(leaked);
    }

    @Test
    void noticesHeapBufferOfEmbeddedChannel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        ByteBuf leaked = channel.alloc().heapBuffer(8);
        channel.finish();

        assertNoticed(leaked);
    }

    @Test
    void noticesUnpooledDirectBuffer() {
        assertNoticed(Unpooled.directBuffer(8));
    }

    @Test
    void noticesRetainedSlice() {
        ByteBuf whole = PooledByteBufAllocator.DEFAULT.directBuffer(8).writeLong(1);
        ByteBuf slice = whole.readRetainedSlice(4);
        whole.release();

        assertNoticed(slice);
    }

    @Test
    void noticesReferenceTooMany() {
        ByteBuf leaked = PooledByteBufAllocator.DEFAULT.directBuffer(8).retain();
        leaked.release();

        assertNoticed(leaked);
    }

    @Test
    void passesWhatIsReleased() {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(8);
        buffer.readRetainedSlice(0).release();
        buffer.release();

        LeakDetection.check();
    }

    private static void assertNoticed(ByteBuf leaked) {
        LeakDetection extension = new LeakDetection();
        assertThatThrownBy(() -> extension.afterEach(null)) // does not look at the context
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("leak");
        // Released after it was blamed, which is noticed too; after that the count is back at 0.
        assertThat(leaked.release()).isTrue();
        assertThatThrownBy(LeakDetection::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("negative");
    }
}
