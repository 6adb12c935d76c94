package io.bowstring.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartiesTest {
    @Test
    void morePublishersShareTopics() {
        Parties parties = new Parties(3, 0, 2);

        assertThat(parties.topicsOfPublisher(0)).containsExactly(0);
        assertThat(parties.topicsOfPublisher(1)).containsExactly(1);
        assertThat(parties.topicsOfPublisher(2)).containsExactly(0);
    }

    @Test
    void moreTopicsAreDividedSoThatEachHasOnePublisher() {
        Parties parties = new Parties(2, 0, 5);

        assertThat(parties.topicsOfPublisher(0)).containsExactly(0, 2, 4);
        assertThat(parties.topicsOfPublisher(1)).containsExactly(1, 3);
    }

    @Test
    void aSubscriberReadsOneTopic() {
        Parties parties = new Parties(0, 3, 2);

        assertThat(parties.topicOfSubscriber(0)).isZero();
        assertThat(parties.topicOfSubscriber(1)).isEqualTo(1);
        assertThat(parties.topicOfSubscriber(2)).isZero();
        assertThat(parties).hasToString("0 publishers, 3 subscribers, 2 topics");
    }
}
