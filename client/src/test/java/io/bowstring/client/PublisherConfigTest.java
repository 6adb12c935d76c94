package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bowstring.client.Numbering.Kind;
import io.bowstring.protocol.ProducerId;
import io.bowstring.protocol.PublishRequest;
import io.bowstring.protocol.TopicName;
import io.bowstring.vector.BatchWriterConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherConfigTest {
    private static final String TOPIC = "trades";
    private static final ProducerId ID = new ProducerId("feed");
    private static final BatchWriterConfig WRITER = BatchWriterConfig.DEFAULTS.withDeltas(false);

    @Test
    void hasTheDocumentedDefaults() {
        assertThat(PublisherConfig.of(TOPIC))
                .isEqualTo(
                        new PublisherConfig(TOPIC, Numbering.OF_ONE_LIFE, false, 16 << 20, BatchWriterConfig.DEFAULTS));
    }

    @Test
    void changesOneThingAndKeepsTheOthers() {
        PublisherConfig config = new PublisherConfig(TOPIC, numbering(Kind.NEW, ID, 5), true, 7, WRITER);
        ProducerId other = new ProducerId("other");

        assertThat(config.withProducer(other, 6))
                .isEqualTo(new PublisherConfig(TOPIC, numbering(Kind.NEW, other, 6), true, 7, WRITER));
        assertThat(config.resuming())
                .isEqualTo(new PublisherConfig(TOPIC, numbering(Kind.RESUMING, ID, 5), true, 7, WRITER));
        assertThat(config.repeating())
                .isEqualTo(new PublisherConfig(TOPIC, numbering(Kind.REPEATING, ID, 5), true, 7, WRITER));
        assertThat(config.withSeal(false)).isEqualTo(new PublisherConfig(TOPIC, config.numbering(), false, 7, WRITER));
        assertThat(config.withMaxInFlightBytes(8))
                .isEqualTo(new PublisherConfig(TOPIC, config.numbering(), true, 8, WRITER));
        assertThat(config.withWriter(BatchWriterConfig.DEFAULTS))
                .isEqualTo(new PublisherConfig(TOPIC, config.numbering(), true, 7, BatchWriterConfig.DEFAULTS));
    }

    private static Numbering numbering(Kind kind, ProducerId id, long first) {
        return new Numbering(kind, id, first);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -9})
    void refusesNumbersThatAreTooSmall(long maxInFlightBytes) {
        assertThatThrownBy(() -> PublisherConfig.of(TOPIC).withMaxInFlightBytes(maxInFlightBytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxInFlightBytes: " + maxInFlightBytes + " (expected: at least 1)");
    }

    @Test
    void knowsNoIdByChanceAgain() {
        assertThatThrownBy(() -> PublisherConfig.of(TOPIC).resuming()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void asksUnderItsIdForAcknowledgements() {
        PublisherConfig config = PublisherConfig.of(TOPIC).withProducer(ID, 0);

        assertThat(config.newRequest()).isEqualTo(new PublishRequest(new TopicName(TOPIC), true, false, ID));
        assertThat(config.withSeal(true).newRequest())
                .isEqualTo(new PublishRequest(new TopicName(TOPIC), true, true, ID));
    }

    @Test
    void givesEachPublisherWithoutAnIdOneByChance() {
        PublisherConfig config = PublisherConfig.of(TOPIC);

        assertThat(config.newRequest().producer()).isNotNull();
        assertThat(config.newRequest().producer())
                .isNotEqualTo(config.newRequest().producer());
    }
}
