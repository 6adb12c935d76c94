package io.bowstring.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcSchema;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicationStartTest {
    @RegisterExtension
    final TrackingAllocator allocator = new TrackingAllocator();

    @ParameterizedTest
    @ValueSource(longs = {BatchSequence.NONE, 0, 12})
    void tellsProducerTheLogAndItsLastSequence(long last) {
        PublicationStart start = new PublicationStart("a1b2", last);

        IpcSchema schema = start.toSchema(allocator.get());

        assertThat(schema.schemaMetadata())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("bowstring.log", "a1b2", "bowstring.sequence", Long.toString(last)));
        assertThat(schema.fields()).hasSize(3);
        assertThat(PublicationStart.parse(schema)).isEqualTo(start);
        schema.release();
    }

    @Test
    void readsNothingWhereThereIsNothing() {
        IpcSchema schema = Acknowledgement.toSchema(allocator.get());

        assertThat(PublicationStart.parse(schema)).isEqualTo(new PublicationStart("", -1));
        schema.release();
    }
}
