package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.vector.BatchWriterConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublisherConfigTest {
    private static final TopicName TOPIC = new TopicName("trades");
    private static final ProducerId ID = new ProducerId("feed");
    private static final BatchWriterConfig WRITER = BatchWriterConfig.DEFAULTS.withDeltas(false);

    @Test
    void hasTheDocumentedDefaults() {
        assertThat(PublisherConfig.of(TOPIC))
                .isEqualTo(new PublisherConfig(TOPIC, null, 0, false, 16 << 20, BatchWriterConfig.DEFAULTS));
    }

    @Test
    void changesOneThingAndKeepsTheOthers() {
        PublisherConfig config = new PublisherConfig(TOPIC, ID, 5, true, 7, WRITER);
        ProducerId other = new ProducerId("other");

        assertThat(config.withProducer(other, 6)).isEqualTo(new PublisherConfig(TOPIC, other, 6, true, 7, WRITER));
        assertThat(config.withSeal(false)).isEqualTo(new PublisherConfig(TOPIC, ID, 5, false, 7, WRITER));
        assertThat(config.withMaxInFlightBytes(8)).isEqualTo(new PublisherConfig(TOPIC, ID, 5, true, 8, WRITER));
        assertThat(config.withWriter(BatchWriterConfig.DEFAULTS))
                .isEqualTo(new PublisherConfig(TOPIC, ID, 5, true, 7, BatchWriterConfig.DEFAULTS));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1, firstSequence: -1 (expected: at least 0)",
        "0, 0, maxInFlightBytes: 0 (expected: at least 1)",
        "0, -9, maxInFlightBytes: -9 (expected: at least 1)",
    })
    void refusesNumbersThatAreTooSmall(long firstSequence, long maxInFlightBytes, String message) {
        assertThatThrownBy(() -> new PublisherConfig(TOPIC, ID, firstSequence, false, maxInFlightBytes, WRITER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void asksUnderItsIdForAcknowledgements() {
        PublisherConfig config = PublisherConfig.of(TOPIC).withProducer(ID, 0);

        assertThat(config.newRequest()).isEqualTo(new PublishRequest(TOPIC, true, false, ID));
        assertThat(config.withSeal(true).newRequest()).isEqualTo(new PublishRequest(TOPIC, true, true, ID));
    }

    @Test
    void givesEachPublisherWithoutAnIdOneByChance() {
        PublisherConfig config = PublisherConfig.of(TOPIC);

        assertThat(config.newRequest().producer()).isNotNull();
        assertThat(config.newRequest().producer())
                .isNotEqualTo(config.newRequest().producer());
    }
}
