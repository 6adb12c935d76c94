package io.bowstring.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Entries are added to dictionaries as to record batches. */
@ExtendWith(LeakDetection.class)
class EditedDictionaryTest {
    private static final IpcMetadataEdit ADD = ReRootingTest.add("k", "v");

    private final CountingAllocator memory = new CountingAllocator();

    @AfterEach
    void everythingIsFreed() {
        assertThat(memory.usedBytes()).isZero();
    }

    private IpcDictionaryBatch dictionary(long id, boolean isDelta) {
        Frame frame = Wire.frame(DictionaryFrames.frame(id, isDelta, "text", memory));
        return new IpcDictionaryBatch(frame, frame.reader());
    }

    @ParameterizedTest
    @CsvSource({"7, false", "-9, true"})
    void isTheSameButForItsEntries(long id, boolean isDelta) {
        IpcDictionaryBatch edited = dictionary(id, isDelta).editedApart(ADD, () -> {}, memory);

        assertThat(edited.customMetadata()).containsExactly(Map.entry("k", "v"));
        assertIsText(edited, id, isDelta);
        Frame read = Wire.frame(edited.retainedFrame());
        assertIsText(new IpcDictionaryBatch(read, read.reader()), id, isDelta);
        read.buffer().release();
        edited.release();
    }

    private static void assertIsText(IpcDictionaryBatch batch, long id, boolean isDelta) {
        assertThat(batch.id()).isEqualTo(id);
        assertThat(batch.isDelta()).isEqualTo(isDelta);
        assertThat(DictionaryFrames.text(batch)).isEqualTo("text");
    }

    @ParameterizedTest
    @EnumSource
    void isEditedApartFromValuesThatAreShared(FrameForm form) {
        IpcDictionaryBatch shared = form.of(dictionary(-9, true), memory);
        byte[] before = ByteBufUtil.getBytes(shared.frame());
        Frame inOnePart = RootTables.edited(shared.retain().bytes(), ADD, memory);
        long usedBytes = memory.usedBytes();
        AtomicInteger frees = new AtomicInteger();

        IpcDictionaryBatch edited = shared.retain().editedApart(ADD, frees::incrementAndGet, memory);

        assertThat(ByteBufUtil.getBytes(edited.frame())).isEqualTo(ByteBufUtil.getBytes(inOnePart.buffer()));
        assertThat(memory.usedBytes() - usedBytes)
                .isEqualTo(edited.frameBytes() - edited.body().readableBytes());
        assertIsText(edited, -9, true);
        assertThat(ByteBufUtil.getBytes(shared.frame())).isEqualTo(before);
        assertThat(shared.customMetadata()).isEmpty();
        shared.release();
        inOnePart.buffer().release();
        assertThat(frees).hasValue(0);
        assertThat(edited.release()).isTrue();
        assertThat(frees).hasValue(1);
    }

    @Test
    void isEditedApartFromNoValues() {
        IpcField field = StructureProbe.encoded(7, IpcType.UTF8);
        IpcDictionaryBatch empty = IpcDictionaryBatch.empty(7, field, memory);
        AtomicInteger frees = new AtomicInteger();

        IpcDictionaryBatch edited = empty.retain().editedApart(ADD, frees::incrementAndGet, memory);

        ByteBuf frame = edited.retainedFrame();
        StructureProbe.assertAccepted(StructureProbe.schema(field), ByteBufUtil.getBytes(frame));
        assertThat(frame.nioBuffers()).isNotEmpty();
        frame.release();
        empty.release();
        assertThat(edited.release()).isTrue();
        assertThat(frees).hasValue(1);
    }
}
