package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RefusalTest {
    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    @Test
    void parsesWhatItWrites() {
        Refusal refusal = new Refusal("OF_A_NEWER_SERVER", "wörds");

        IpcSchema schema = refusal.toSchema(allocator.get());

        assertThat(Refusal.parse(schema)).isEqualTo(refusal);
        schema.release();
    }

    @Test
    void isAStreamWithoutFields() {
        IpcSchema schema = Refusal.of(new ProtocolException(ErrorCode.SHUTTING_DOWN, "the server is stopping"))
                .toSchema(allocator.get());

        assertThat(schema.fields()).isEmpty();
        assertThat(schema.schemaMetadata())
                .containsExactly(
                        Map.entry("bowstring.error", "SHUTTING_DOWN"),
                        Map.entry("bowstring.message", "the server is stopping"));
        schema.release();
    }

    @Test
    void isAbsentFromOtherReplies() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of("bowstring.message", "hello"), allocator.get());

        assertThat(Refusal.parse(schema)).isNull();
        schema.release();
    }

    @Test
    void needsNoMessage() {
        IpcSchema schema = IpcSchema.of(List.of(), Map.of("bowstring.error", "LAGGED"), allocator.get());

        assertThat(Refusal.parse(schema)).isEqualTo(new Refusal("LAGGED", ""));
        schema.release();
    }

    @Test
    void repeatsAtMost64CharactersOfAValue() {
        String longest = "v".repeat(64);

        assertThat(ProtocolException.of(ErrorCode.BAD_REQUEST, "field", longest, "less"))
                .hasMessage("field: " + longest + " (expected: less)");
        assertThat(ProtocolException.of(ErrorCode.BAD_REQUEST, "field", longest + "w", "less"))
                .hasMessage("field: " + longest + "… (expected: less)");
    }
}
