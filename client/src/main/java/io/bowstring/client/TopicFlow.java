package io.bowstring.client;

import io.bowstring.protocol.SubscribeRequest;
import java.util.Objects;
import java.util.concurrent.Flow;

/** The stream of a topic for whoever subscribes to it: each has a subscription of its own. Immutable. */
final class TopicFlow implements Flow.Publisher<ReceivedBatch> {
    private static final Flow.Subscription NONE = new Flow.Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    };

    private final Client client;
    private final SubscribeRequest request;

    TopicFlow(Client client, SubscribeRequest request) {
        this.client = client;
        this.request = request;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ReceivedBatch> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        try {
            client.subscribe(request, subscriber);
        } catch (ClientException e) {
            subscriber.onSubscribe(NONE);
            subscriber.onError(e);
        }
    }
}
