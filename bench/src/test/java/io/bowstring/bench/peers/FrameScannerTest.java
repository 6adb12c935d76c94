package io.bowstring.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.bench.Streams;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakDetection.class)
class FrameScannerTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4_000, 1_000_000})
    void tellsOfEachBatchWhenItsLastByteHasCome(int chunkBytes) {
        ByteBuf stream = Unpooled.wrappedBuffer(
                Unpooled.wrappedBuffer(new byte[1]), Streams.schema(), Streams.batches(2_000, 3, false));
        int end = stream.readableBytes();
        stream = Unpooled.wrappedBuffer(stream, SocketRequests.END.duplicate());
        List<Long> batches = new ArrayList<>();
        FrameScanner scanner = new FrameScanner(1, batches::add);
        ByteBuffer buffer = ByteBuffer.allocate(stream.readableBytes());

        int before = 0;
        for (int at = 0; at < stream.readableBytes(); at += chunkBytes) {
            int length = Math.min(chunkBytes, stream.readableBytes() - at);
            buffer.put(stream.nioBuffer(at, length));
            buffer.flip();
            scanner.scan(buffer);
            buffer.compact();
            if (at + length < end) {
                before = batches.size();
            }
        }
        stream.release();

        assertThat(batches).containsExactly(2_000L, 1_920L, 2_000L);
        assertThat(before).isLessThan(3);
    }
}
