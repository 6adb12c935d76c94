package io.bowstring.codec;

import static io.bowstring.codec.ReRootingTest.ALLOCATOR;
import static io.bowstring.codec.ReRootingTest.add;
import static io.bowstring.codec.ReRootingTest.assertReRooted;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** New root tables in front of every message of streams that other Arrow implementations have written. */
@ExtendWith(LeakDetection.class)
class GoldenReRootingTest {
    private static final IpcMetadataEdit EDIT = add("bowstring.offset", "17", "é", "");

    @ParameterizedTest
    @MethodSource("io.bowstring.codec.GoldenStreams#littleEndian")
    void keepsWhatEveryMessageSays(Path file) {
        byte[] stream = GoldenStreams.read(file);
        try (DecoderProbe before = new DecoderProbe().feed(stream);
                DecoderProbe own = new DecoderProbe().feed(stream, Chunking.BYTE_BY_BYTE);
                DecoderProbe after = new DecoderProbe()) {
            editAll(own);
            after.feed(own.frames());

            assertThat(after.kinds()).isEqualTo(before.kinds());
            for (int i = 0; i < before.messages.size(); i++) {
                assertSame(before.messages.get(i), after.messages.get(i));
            }
            editAll(before);
            assertThat(before.frames()).isEqualTo(own.frames());
        }
    }

    private static void editAll(DecoderProbe probe) {
        List<IpcMessage> messages = probe.take();
        for (IpcMessage message : messages) {
            probe.messages.add(edit(message));
        }
    }

    private static IpcMessage edit(IpcMessage message) {
        if (message instanceof IpcSchema schema) {
            return schema.edited(EDIT, ALLOCATOR);
        }
        if (message instanceof IpcRecordBatch batch) {
            return batch.edited(EDIT, ALLOCATOR);
        }
        return message instanceof IpcDictionaryBatch batch ? batch.withId(batch.id(), ALLOCATOR) : message;
    }

    private static void assertSame(IpcMessage old, IpcMessage edited) {
        if (old instanceof IpcEndOfStream) {
            return;
        }
        assertReRooted(edited, ByteBufUtil.getBytes(old.frame()));
        assertThat(edited.bytes().header().version())
                .isEqualTo(old.bytes().header().version());
        if (old instanceof IpcSchema oldSchema && edited instanceof IpcSchema schema) {
            assertThat(schema.fields()).isEqualTo(oldSchema.fields());
            assertThat(schema.dictionaryIds()).isEqualTo(oldSchema.dictionaryIds());
            assertThat(schema.schemaMetadata()).isEqualTo(withAdded(oldSchema.schemaMetadata()));
            assertThat(schema.customMetadata()).isEqualTo(oldSchema.customMetadata());
        } else if (old instanceof IpcRecordBatch oldBatch && edited instanceof IpcRecordBatch batch) {
            assertThat(batch.rowCount()).isEqualTo(oldBatch.rowCount());
            assertThat(batch.customMetadata()).isEqualTo(withAdded(oldBatch.customMetadata()));
        } else if (old instanceof IpcDictionaryBatch oldBatch && edited instanceof IpcDictionaryBatch batch) {
            assertThat(batch.id()).isEqualTo(oldBatch.id());
            assertThat(batch.isDelta()).isEqualTo(oldBatch.isDelta());
            assertThat(batch.customMetadata()).isEqualTo(oldBatch.customMetadata());
        }
    }

    private static Map<String, String> withAdded(Map<String, String> entries) {
        Map<String, String> all = new LinkedHashMap<>(entries);
        EDIT.added().forEach(entry -> all.put(entry.getKey(), entry.getValue()));
        return all;
    }
}
