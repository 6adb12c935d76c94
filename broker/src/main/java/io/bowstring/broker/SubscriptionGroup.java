package io.bowstring.broker;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The subscriptions of one topic that live on one event loop: a burst of appends wakes them with one task.
 *
 * <p>{@link #wake} is for any thread. Membership belongs to the topic's turn, which counts, and to the group's executor,
 * which keeps the list.
 */
final class SubscriptionGroup {
    private final WakeUp wakeUp;

    // The topic's turn.
    private final Set<TopicSubscription> added = new HashSet<>();

    // The executor.
    private final List<TopicSubscription> members = new ArrayList<>();

    SubscriptionGroup(EventExecutor executor) {
        this.wakeUp = new WakeUp(task -> Steps.execute(executor, task), this::onWake);
    }

    /** Called in the topic's turn. */
    void add(TopicSubscription subscription) {
        added.add(subscription);
        subscription.toSink().execute(() -> {
            members.add(subscription);
            subscription.onBegin();
        });
    }

    /**
     * Called in the topic's turn, also for a subscription that was refused and therefore never added; returns whether
     * the group is empty now.
     */
    boolean remove(TopicSubscription subscription) {
        if (added.remove(subscription)) {
            subscription.toSink().execute(() -> members.remove(subscription));
        }
        return added.isEmpty();
    }

    void wake() {
        wakeUp.ask();
    }

    private void onWake() {
        for (TopicSubscription subscription : List.copyOf(members)) {
            subscription.onWake();
        }
    }
}
