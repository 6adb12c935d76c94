package io.bowstring.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.ForeignBuffer;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcKind;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.LeakDetection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakDetection.class)
class StreamViewTest {
    private static final List<IpcKind> KINDS =
            List.of(IpcKind.SCHEMA, IpcKind.RECORD_BATCH, IpcKind.RECORD_BATCH, IpcKind.END_OF_STREAM);

    private final BufferAllocator allocator = new RootAllocator();
    private final AtomicInteger frees = new AtomicInteger();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        allocator.close();
    }

    @Test
    void readsOnWhereAFileHasGrown() throws IOException {
        byte[] stream = stream();
        Path file = Files.write(folder.resolve("grows"), Arrays.copyOf(stream, stream.length));
        List<Integer> ends = new ArrayList<>();
        try (StreamView view = StreamView.of(stream)) {
            for (IpcMessage message = view.next(); message != null; message = view.next()) {
                ends.add(message.frameBytes() + (ends.isEmpty() ? 0 : ends.get(ends.size() - 1)));
                message.release();
            }
        }
        AtomicInteger end = new AtomicInteger();
        List<IpcKind> kinds = new ArrayList<>();
        try (StreamView view = StreamView.map(file, end::get)) {
            for (int each : ends) {
                assertThat(view.next()).isNull();
                end.set(each);
                IpcMessage message = view.next();
                kinds.add(message.kind());
                message.release();
            }
            assertThat(view.next()).isNull();
            assertThat(kinds).isEqualTo(KINDS);
        }
    }

    @Test
    void readsDirectBuffersWithoutCopyingThem() throws IOException {
        byte[] stream = stream();
        ByteBuffer memory =
                ByteBuffer.allocateDirect(stream.length + 3).put(3, stream).position(3);
        long address = ForeignMemory.address(memory);

        assertSharesMemory(StreamView.of(memory, frees::incrementAndGet), address, stream.length);

        assertThat(memory.position()).isEqualTo(3);
    }

    @Test
    void readsMemoryByItsAddressWithoutCopyingIt() throws IOException {
        byte[] stream = stream();
        ByteBuf memory =
                UnpooledByteBufAllocator.DEFAULT.directBuffer(stream.length).writeBytes(stream);
        long address = ByteBufAllocation.address(memory);

        assertSharesMemory(StreamView.of(address, stream.length, frees::incrementAndGet), address, stream.length);

        memory.release();
    }

    /** All values lie in the memory, which is free when the last batch is. */
    private void assertSharesMemory(StreamView view, long address, int bytes) throws IOException {
        List<VectorBatch> batches = new ArrayList<>();
        try (BatchReader reader = new BatchReader(allocator)) {
            for (IpcMessage message = view.next(); message != null; message = view.next()) {
                VectorBatch batch = reader.read(message);
                if (batch != null) {
                    batches.add(batch);
                }
            }
            assertThat(reader.copiedBytes()).isZero();
        }
        view.close();
        view.close();
        assertThat(batches).hasSize(2);
        for (VectorBatch batch : batches) {
            assertThat(frees).hasValue(0);
            BigIntVector vector = (BigIntVector) batch.root().getVector(0);
            assertThat(vector.getDataBuffer().memoryAddress()).isBetween(address, address + bytes);
            assertThat(vector.get(1)).isEqualTo(2);
            batch.close();
        }
        assertThat(frees).hasValue(1);
    }

    @Test
    void freesMemoryThatNoMessageUsesWhenClosed() throws IOException {
        ByteBuffer memory = ByteBuffer.allocateDirect(100);
        StreamView view = StreamView.of(memory, frees::incrementAndGet);
        assertThat(frees).hasValue(0);

        view.close();

        assertThat(frees).hasValue(1);
        assertThatThrownBy(view::next).isInstanceOf(IllegalStateException.class).hasMessage("the view is closed");
    }

    @Test
    void copiesArraysAtOnce() throws IOException {
        byte[] stream = stream();
        byte[] shifted = new byte[stream.length + 2];
        System.arraycopy(stream, 0, shifted, 1, stream.length);
        ByteBuffer memory = ByteBuffer.wrap(shifted, 1, stream.length);

        StreamView ofBuffer = StreamView.of(memory, frees::incrementAndGet);
        assertThat(frees).hasValue(1);
        Arrays.fill(shifted, (byte) 0);

        assertThat(kinds(ofBuffer)).isEqualTo(KINDS);
        assertThat(kinds(StreamView.of(stream))).isEqualTo(KINDS);
        assertThat(kinds(StreamView.of(new byte[0]))).isEmpty();
        assertThat(frees).hasValue(1);
    }

    @Test
    void mapsFiles() throws IOException {
        Path file = Files.write(folder.resolve("stream"), stream());

        assertThat(kinds(StreamView.map(file))).isEqualTo(KINDS);
        assertThat(kinds(StreamView.map(Files.write(folder.resolve("empty"), new byte[0]))))
                .isEmpty();
        assertThatThrownBy(() -> StreamView.map(folder.resolve("none"))).isInstanceOf(IOException.class);
    }

    @Test
    void readsMemoryThatIsLongerThanABuffer() throws IOException {
        byte[] stream = stream();
        ByteBuf memory =
                UnpooledByteBufAllocator.DEFAULT.directBuffer(stream.length).writeBytes(stream);
        long address = ByteBufAllocation.address(memory);
        int longest = 0;
        try (StreamView view = StreamView.of(stream)) {
            for (IpcMessage message = view.next(); message != null; message = view.next()) {
                longest = Math.max(longest, message.frameBytes());
                message.release();
            }
        }
        for (int windowBytes = longest; windowBytes <= stream.length; windowBytes++) {
            MemoryWindows windows = MemoryWindows.ofAddress(address, stream.length, memory, frees::incrementAndGet);
            assertThat(kinds(new StreamView(windows, windowBytes))).isEqualTo(KINDS);
        }
        assertThat(frees).hasValue(stream.length - longest + 1);
        memory.release();
    }

    @Test
    void showsMemoryInBuffersThatDoNotGrow() {
        ByteBuf memory = UnpooledByteBufAllocator.DEFAULT.directBuffer(8).writeLong(7);
        ForeignBuffer buffer =
                new ForeignBuffer(memory.nioBuffer(0, 8), ByteBufAllocation.address(memory), frees::incrementAndGet);

        assertThat(buffer.getLong(0)).isEqualTo(7);
        assertThat(buffer.capacity(8)).isSameAs(buffer);
        assertThatThrownBy(() -> buffer.capacity(4)).hasMessage("capacity: 4 (expected: 8)");
        assertThat(buffer.hasMemoryAddress()).isTrue();
        buffer.release();
        assertThatThrownBy(buffer::memoryAddress).isInstanceOf(IllegalReferenceCountException.class);
        assertThat(frees).hasValue(1);
        memory.release();
    }

    @Test
    void readsOneStreamBehindTheOther() throws IOException {
        byte[] stream = stream();
        try (StreamView view = StreamView.of(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(stream, stream)))) {
            for (int i = 0; i < 2; i++) {
                for (IpcKind kind : KINDS) {
                    assertThat(view.isInStream()).isEqualTo(kind != IpcKind.SCHEMA);
                    IpcMessage message = view.next();
                    assertThat(message.kind()).isEqualTo(kind);
                    message.release();
                }
            }
            assertThat(view.next()).isNull();
            assertThat(view.next()).isNull();
        }
    }

    @Test
    void refusesMemoryThatEndsInsideOfAMessage() throws IOException {
        byte[] stream = stream();
        try (StreamView view = StreamView.of(Arrays.copyOf(stream, 20))) {
            assertThatThrownBy(view::next)
                    .isInstanceOfSatisfying(
                            IpcException.class, e -> assertThat(e.code()).isEqualTo(IpcErrorCode.TRUNCATED))
                    .hasMessage("message: 20 bytes (expected: a whole message)");
        }
    }

    /** Returns the kinds of all messages and closes the view. */
    private static List<IpcKind> kinds(StreamView view) throws IOException {
        List<IpcKind> kinds = new ArrayList<>();
        try (view) {
            for (IpcMessage message = view.next(); message != null; message = view.next()) {
                kinds.add(message.kind());
                message.release();
            }
        }
        return kinds;
    }

    /** Returns a stream of two batches of one column, 1 and 2. */
    static byte[] stream() {
        IpcMessage schema = BatchReaderTest.schema(IpcField.of("n", true, IpcType.INT64));
        IpcMessage batch = new BatchMaker().node(2, 0).bytes().longs(1, 2).recordBatch(2);
        try {
            return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(
                    ByteBufUtil.getBytes(schema.frame()),
                    ByteBufUtil.getBytes(batch.frame()),
                    ByteBufUtil.getBytes(batch.frame()),
                    ByteBufUtil.getBytes(IpcEndOfStream.INSTANCE.frame())));
        } finally {
            schema.release();
            batch.release();
        }
    }
}
