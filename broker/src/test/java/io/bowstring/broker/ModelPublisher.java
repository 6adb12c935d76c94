package io.bowstring.broker;

import static io.bowstring.broker.ReferenceTopic.require;

import io.bowstring.broker.ModelMessages.Content;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A publisher of a {@link ModelDriver}. It remembers what it has sent until the broker says that it is appended, which it
 * hears at once, in the broker's own task, and tells the reference.
 *
 * <p>Confined to the test's thread.
 */
final class ModelPublisher implements PublicationListener {
    private final ModelDriver driver;
    private final ModelTopic topic;
    private final ModelColumns columns;
    private final boolean seals;
    private final ManualExecutor executor = ManualExecutor.atOnce(); // so that the reference hears in time
    private final ModelMessages messages;
    private final ArrayDeque<Content> inFlight = new ArrayDeque<>();
    private final ModelHead head;
    /** How many of those that are in flight have come to the topic's loop, where others may be in front of them. */
    private int arrived;

    private Publication publication;
    private long batches;

    /** Of the batches in a durable topic. */
    private final List<Long> offsets = new ArrayList<>();

    private boolean isReadable = true;
    private boolean isAccepted;
    private boolean hasFinished;
    private boolean hasEnded;
    private boolean isEnding;
    private boolean isOver;

    ModelPublisher(ModelDriver driver, ModelTopic topic, ModelColumns columns, boolean seals) {
        this.driver = driver;
        this.topic = topic;
        this.columns = columns;
        this.seals = seals;
        this.messages = new ModelMessages(driver, columns);
        this.head = new ModelHead(driver, topic);
    }

    void begin() {
        topic.publishers.add(this);
        publication = driver.broker.publish(new PublishRequest(topic.name, true, seals), messages.begin(), this);
        topic.open(publication.topic());
        publication.topic().execute(() -> {
            if (!isOver) {
                require(refusal() == null, "it should be refused: " + refusal(), this);
                isAccepted = true;
                topic.accept(columns);
            }
        });
    }

    /** Returns why this publisher must be refused, or null. */
    private ErrorCode refusal() {
        observe();
        if (topic.reference.isSealed()) {
            return ErrorCode.TOPIC_SEALED;
        }
        if (topic.orphanedBytes() > driver.history.config().topic().windowBytes()) {
            return ErrorCode.LIMIT_REACHED;
        }
        boolean isOther = topic.hasSchema() && !topic.columns.kinds().equals(columns.kinds());
        return isOther ? ErrorCode.SCHEMA_MISMATCH : null;
    }

    /** Sends batches of a row that have the values of a range, as they come in one read. */
    void sendRun(long firstValue, int batches) {
        messages.missingDictionaries().forEach(this::send);
        ModelMessages.Run sent = messages.run(firstValue, batches);
        driver.saw("run of " + sent.run().count());
        send(sent.contents(), () -> publication.append(sent.run()));
    }

    /** Sends a batch, after each dictionary that is lacking. */
    void sendBatch(long value, int rows, boolean isMarked) {
        messages.missingDictionaries().forEach(this::send);
        send(messages.batch(value, rows, isMarked));
    }

    /** Sends a dictionary of one text, or a delta with it; nothing where there is none to choose. */
    void sendDictionary(int pick, boolean wantsDelta, String text) {
        List<Integer> dictionaries = columns.dictionaries();
        if (!dictionaries.isEmpty()) {
            int dictionary = dictionaries.contains(pick) ? pick : dictionaries.get(0);
            boolean isDelta = wantsDelta && (messages.hasMade(dictionary) || driver.isRarely());
            send(messages.dictionary(dictionary, isDelta, text));
        }
    }

    private void send(ModelMessages.Message sent) {
        send(List.of(sent.content()), () -> publication.append(sent.message()));
    }

    private void send(List<Content> contents, Runnable append) {
        inFlight.addAll(contents);
        Topic turn = publication.topic(); // what happens in it is seen right before it and right after it
        turn.execute(() -> onHandingOver(contents.size()));
        append.run();
        turn.execute(this::onHandedOver);
    }

    /** The topic is about to receive messages. */
    private void onHandingOver(int messages) {
        observe();
        arrived += isOver ? 0 : messages;
    }

    /** The topic has received all messages. A dictionary is in force when no batch waits before it. */
    private void onHandedOver() {
        if (topic.isDurable()) {
            takeDictionaries(); // first: the appends that are seen now came afterwards
        }
        topic.observe(); // those of a batch that has left are in force no more
        takeDictionaries();
    }

    /** Of a durable topic, sees what has been appended: nobody tells that at once. */
    private void observe() {
        if (topic.isDurable()) {
            topic.observe();
        }
    }

    /** Returns the value of the next batch that is to be appended, -1 where there is none. */
    long nextValue() {
        return inFlight.stream()
                .limit(arrived)
                .filter(sent -> sent.dictionary() < 0)
                .mapToLong(Content::value)
                .findFirst()
                .orElse(-1);
    }

    /** A batch is in a durable topic. */
    void appended(long offset) {
        offsets.add(offset);
        onAppended(offset);
    }

    private boolean isAllCommitted() {
        return inFlight.isEmpty()
                && (offsets.isEmpty() || offsets.get(offsets.size() - 1) < topic.reference.committed());
    }

    /** Returns whether the broker has done with it, which it may not have heard yet: it waits for its seal to be kept. */
    boolean isGone() {
        return isOver || topic.isDurable() && hasSealed();
    }

    /** Runs a task in the topic's turn, once this has begun. */
    void inTurn(Runnable task) {
        if (publication != null) {
            publication.topic().execute(task);
        }
    }

    void end(boolean inOrder) {
        hasEnded = true;
        if (inOrder) {
            hasFinished = true;
            publication.finish();
        } else {
            publication.abort();
        }
        publication.topic().execute(() -> isEnding = true);
    }

    /** Returns whether a front end would send more. */
    boolean maySend() {
        return mayAbort() && isReadable;
    }

    /** Returns whether a connection may break that is not over. */
    boolean mayAbort() {
        return publication != null && !hasEnded && !isOver;
    }

    boolean isOver() {
        return isOver;
    }

    /** Returns whether this publisher's end has sealed the topic, which it may not have heard yet. */
    boolean isSealing() {
        takeDictionaries();
        return seals && isAccepted && hasFinished && inFlight.isEmpty() && (!topic.isDurable() || isAllCommitted());
    }

    /** Returns whether its end has come to the topic, which is durable, and has sealed that. */
    boolean hasSealed() {
        return isEnding && !isOver && isSealing();
    }

    long orphanedBytes() {
        takeDictionaries();
        return isEnding && !isOver ? inFlight.stream().mapToLong(Content::bytes).sum() : 0;
    }

    /**
     * Puts the dictionaries in force that were sent in front of the next batch; they never wait.
     *
     * @return why the publisher must be refused, or null
     */
    private ErrorCode takeDictionaries() {
        while (isAccepted && arrived > 0 && inFlight.peek().dictionary() >= 0) {
            Content sent = inFlight.peek();
            long id = topic.columns.ids().get(sent.dictionary());
            ErrorCode refusal = head.take(id, sent.isDelta(), sent.text());
            if (refusal != null) {
                return refusal;
            }
            inFlight.remove();
            arrived--;
        }
        return null;
    }

    /** Returns the dictionaries in force. */
    ModelDictionaries dictionaries() {
        return head.dictionaries();
    }

    /** Returns whether the next batch would push out what a subscriber who blocks still needs. */
    boolean mustWait() {
        takeDictionaries();
        return !isOver
                && !inFlight.isEmpty()
                && topic.reference.mustWait(inFlight.peek().bytes() + head.newBytes());
    }

    private boolean isAcknowledged() {
        return !topic.isDurable()
                || batches == offsets.size()
                || offsets.get((int) batches) >= topic.reference.committed();
    }

    /** Nothing happens any more. */
    void rest() {
        if (isOver) {
            return;
        }
        require(isAccepted, "it should be accepted or refused", this);
        require(takeDictionaries() == null, "its dictionary should be refused", this);
        boolean waitsForLog = topic.isDurable() && (!isAllCommitted() || isGone());
        require(isAcknowledged(), "what is committed should be acknowledged", this);
        if (inFlight.isEmpty()) {
            require(!hasEnded || waitsForLog, "it should be finished", this);
        } else {
            require(topic.mustPublisherWait(), "its batch, or that of one in front of it, should be appended", this);
            driver.saw("blocked");
        }
        long bytes = inFlight.stream().mapToLong(Content::bytes).sum();
        long limit = driver.history.config().publishers().maxInFlightBytes();
        require(bytes <= limit || !isReadable, "it should be held back", this);
        require(bytes > limit / 2 || isReadable, "it should be let go on", this);
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public void onAppended(long appended, long lastOffset) {
        require(!isOver && isAccepted, "it publishes", this);
        require(appended > batches, "batches are counted: " + appended, this);
        observe();
        if (topic.isDurable()) {
            require(offsets.get((int) appended - 1) == lastOffset, "it is acknowledged as it was appended", this);
            require(lastOffset < topic.reference.committed(), "what is acknowledged is committed", this);
            batches = appended;
            driver.saw("acknowledged late");
            return;
        }
        while (batches < appended) {
            batches++;
            onAppended(lastOffset - (appended - batches));
        }
    }

    private void onAppended(long offset) {
        require(takeDictionaries() == null, "its dictionary should be refused", this);
        Content sent = inFlight.remove();
        arrived--;
        topic.lastTimeMicros = Math.max(topic.lastTimeMicros, driver.nowMicros());
        topic.reference.append(
                offset,
                new ReferenceTopic.Batch(
                        sent.value(),
                        sent.rows(),
                        sent.isMarked(),
                        topic.lastTimeMicros,
                        driver.nowNanos(),
                        sent.bytes() + head.newBytes(),
                        head.dictionaries()));
        head.onAppended();
        takeDictionaries(); // as the broker does, before anybody else changes what is in force
    }

    @Override
    public void onFinished() {
        observe();
        takeDictionaries();
        require(hasEnded && inFlight.isEmpty() && !isOver, "it has ended and all is appended", this);
        if (seals && hasFinished) {
            topic.requireSealed();
            driver.saw("sealed");
        }
        isOver = true;
    }

    @Override
    public void onRefused(ProtocolException refusal) {
        observe();
        require(!isOver, "it is over once", this);
        if (!isAccepted) {
            require(refusal.code() == refusal(), "it should not be refused: " + refusal, this);
        } else if (refusal.code() == ErrorCode.TOPIC_SEALED) {
            topic.requireSealed();
        } else if (refusal.code() == ErrorCode.SHUTTING_DOWN) {
            require(driver.isDraining(), "the broker stops", this);
        } else {
            require(refusal.code() == takeDictionaries(), "it should not be refused: " + refusal, this);
        }
        driver.saw("publisher refused: " + refusal.code());
        isOver = true;
        arrived = 0;
        inFlight.clear();
    }

    @Override
    public void onReadable(boolean readable) {
        require(readable != isReadable, "it is told of changes", this);
        driver.saw(readable ? "let go on" : "held back");
        isReadable = readable;
    }

    @Override
    public String toString() {
        return "publisher of " + topic + ", in flight " + inFlight;
    }
}
