package io.bowstring.it;

import java.util.function.Supplier;

/** The attacks that there are. */
enum AttackKind {
    LEAVING_SUBSCRIBERS(LeavingSubscribers::new),
    LONG_COLUMN_NAMES(LongColumnNames::new),
    TRICKLING_READERS(TricklingReaders::new),
    UNREAD_LISTINGS(UnreadListings::new),
    MANY_TOPICS(ManyTopics::new),
    MANY_PROJECTIONS(ManyProjections::new),
    CONNECT_LOOP(ConnectLoop::new),
    MADE_UP_PRODUCERS(MadeUpProducers::new),
    BLOCKING_SUBSCRIBER(BlockingSubscriber::new),
    UNFINISHED_BODIES(UnfinishedBodies::new),
    UNFINISHED_REQUESTS(UnfinishedRequests::new),
    SLOW_REQUESTS(SlowRequests::new),
    PIPELINED_REQUESTS(PipelinedRequests::new),
    GIANT_SCHEMAS(GiantSchemas::new),
    LARGE_DICTIONARIES(LargeDictionaries::new),
    UNREAD_ACKNOWLEDGEMENTS(UnreadAcknowledgements::new),
    SEALED_TOPICS(SealedTopics::new),
    RESETS(Resets::new),
    GARBAGE(Garbage::new),
    UNREAD_REFUSALS(UnreadRefusals::new),
    EMPTY_BATCHES(EmptyBatches::new),
    MARKED_BATCHES(MarkedBatches::new),
    FULL_TOPICS(FullTopics::new),
    SILENT_CONNECTIONS(SilentConnections::new),
    HALF_CLOSED_SUBSCRIBERS(HalfClosedSubscribers::new),
    UNREAD_REPLAYS(UnreadReplays::new),
    FENCED_PRODUCERS(FencedProducers::new),
    WAITING_TOPICS(WaitingTopics::new),
    BLOCKED_PUBLISHERS(BlockedPublishers::new),
    WRONG_COLUMNS(WrongColumns::new),
    WIDE_PROJECTIONS(WideProjections::new);

    private final Supplier<Attack> attack;

    AttackKind(Supplier<Attack> attack) {
        this.attack = attack;
    }

    /** Returns the attack, at its beginning. */
    Attack begin() {
        return attack.get();
    }
}
