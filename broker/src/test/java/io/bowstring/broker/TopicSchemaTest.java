package io.bowstring.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicSchemaTest {
    private final TrackingAllocator allocator = new TrackingAllocator();
    private final Broker broker = new Broker(BrokerConfig.DEFAULTS, new ManualExecutor(), allocator, new ManualClock());
    private final MemoryShare share = broker.newTopicShare();
    private final TopicSchema schema = new TopicSchema(share, allocator);
    private final IpcSchema published = Messages.schema(
            Collections.nCopies(20, IpcField.of("value", false, IpcType.INT64)),
            allocator); // a small one is not charged
    private final long publishedBytes = allocator.usedBytes();

    @AfterEach
    void leavesNothing() {
        schema.release();
        share.close();
        published.release();
        assertThat(allocator.usedBytes()).isZero();
        assertThat(broker.usedMemoryBytes()).isZero();
    }

    @Test
    void isThereWhenItHasBeenMadeKnown() {
        schema.take(published, () -> assertThat(schema.isThere()).isFalse());

        assertThat(schema.isThere()).isTrue();
        assertThat(schema.text()).startsWith("value: int64 not null, ");
        assertThat(share.usedBytes()).isPositive();
    }

    @Test
    void isNotThereWhereItCannotBeMadeKnown() {
        assertThatThrownBy(() -> schema.take(published, () -> {
                    throw new OutOfMemoryError("by the test");
                }))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(schema.isThere()).isFalse();
        assertThat(schema.text()).isEmpty();
        assertThat(share.usedBytes()).isZero();
        assertThat(allocator.usedBytes()).isEqualTo(publishedBytes);

        schema.take(published, () -> {});
        assertThat(schema.isThere()).isTrue();
    }
}
