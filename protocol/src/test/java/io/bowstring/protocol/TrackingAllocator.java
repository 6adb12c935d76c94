package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Allocates direct buffers for one test class and checks after each test that all of them are released. */
final class TrackingAllocator implements AfterEachCallback {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    ByteBufAllocator get() {
        return allocator;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        LeakDetection.check();
    }
}
