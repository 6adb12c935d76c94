package io.bowstring.broker;

import static io.bowstring.broker.ReferenceTopic.require;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A publisher of a {@link ModelDriver}. It remembers what it has sent until the broker says that it is appended, which it
 * hears at once, in the broker's own task, and tells the reference.
 *
 * <p>Confined to the test's thread.
 */
final class ModelPublisher implements PublicationListener {
    private static final long HEAD_BYTES = 64; // for each chunk of dictionaries in it

    private final ModelDriver driver;
    private final ModelTopic topic;
    private final List<IpcField> fields;
    private final boolean seals;
    private final ManualExecutor executor = ManualExecutor.atOnce(); // so that the reference hears in time
    private final FrameReader codec = new FrameReader();
    private final FrameReader runs = FrameReader.ofRuns();
    private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
    private ModelDictionaries dictionaries = ModelDictionaries.NONE;
    private final boolean[] hasSent = new boolean[ModelDriver.COLUMNS];
    /** How many of those that are in flight have come to the topic's loop, where others may be in front of them. */
    private int arrived;

    private long newDictionaryBytes;
    private Publication publication;
    private long batches;
    private boolean isReadable = true;
    private boolean isAccepted;
    private boolean hasFinished;
    private boolean hasEnded;
    private boolean isEnding;
    private boolean isOver;

    /** A batch, or where there is a text a dictionary. */
    private record Sent(long bytes, int column, boolean isDelta, String text, long value, int rows, boolean isMarked) {}

    ModelPublisher(ModelDriver driver, ModelTopic topic, List<IpcField> fields, boolean seals) {
        this.driver = driver;
        this.topic = topic;
        this.fields = fields;
        this.seals = seals;
    }

    void begin() {
        codec.read(Messages.schema(fields, driver.allocator).frame()).release();
        runs.read(Messages.schema(fields, driver.allocator).frame()).release();
        topic.publishers.add(this);
        publication = driver.broker.publish(
                new PublishRequest(topic.name, true, seals), Messages.schema(fields, driver.allocator), this);
        publication.topic().execute(() -> {
            if (!isOver) {
                require(refusal() == null, "it should be refused: " + refusal(), this);
                isAccepted = true;
                topic.accept(fields);
            }
        });
    }

    /** Returns why this publisher must be refused, or null. */
    private ErrorCode refusal() {
        if (topic.reference.isSealed()) {
            return ErrorCode.TOPIC_SEALED;
        }
        if (topic.orphanedBytes() > driver.config.topic().windowBytes()) {
            return ErrorCode.LIMIT_REACHED;
        }
        return topic.hasSchema() && topic.fields.size() != fields.size() ? ErrorCode.SCHEMA_MISMATCH : null;
    }

    /** Sends batches of a row that have the values of a range everywhere, as they come in one read. */
    void sendRun(long firstValue, int batches) {
        sendMissingDictionaries();
        ByteBuf frames = driver.allocator.buffer();
        List<Sent> sent = new ArrayList<>();
        for (long value = firstValue; value < firstValue + batches; value++) {
            IpcRecordBatch batch = Messages.batch(1, fields.size(), value, driver.allocator);
            sent.add(new Sent(WaitingMessages.weightBytes(batch), 0, false, "", value, 1, false));
            frames.writeBytes(batch.frame());
            batch.release();
        }
        IpcRecordBatchRun run = runs.readRun(frames);
        driver.saw("run of " + run.count());
        inFlight.addAll(sent);
        Topic turn = publication.topic();
        turn.execute(() -> arrived += isOver ? 0 : batches);
        publication.append(run);
        turn.execute(this::takeDictionaries);
    }

    private void sendMissingDictionaries() {
        for (int column = 1; column < fields.size(); column++) {
            if (!hasSent[column]) {
                sendDictionary(column - 1, false, "0");
            }
        }
    }

    /** Sends a batch that has {@code value} everywhere, after a dictionary for each column that lacks one. */
    void sendBatch(long value, int rows, boolean isMarked) {
        sendMissingDictionaries();
        IpcRecordBatch batch = Messages.batch(rows, fields.size(), value, driver.allocator);
        if (isMarked) {
            Map<String, String> entries = Map.of("mine", Long.toString(value));
            batch = batch.edited(new IpcMetadataEdit("", entries), driver.allocator);
        }
        send(batch, 0, false, "", value, rows, isMarked);
    }

    /** Sends a dictionary of one text, or a delta with it, for one of the columns; nothing where there is but one. */
    void sendDictionary(int pick, boolean wantsDelta, String text) {
        if (fields.size() > 1) {
            int column = 1 + pick % (fields.size() - 1);
            boolean isDelta = wantsDelta && (hasSent[column] || driver.isRarely());
            hasSent[column] |= !isDelta;
            IpcDictionaryEncoding encoding = fields.get(column).dictionary();
            IpcMessage message = codec.read(DictionaryFrames.frame(encoding.id(), isDelta, text, driver.allocator));
            send(message, column, isDelta, text, 0, 0, false);
        }
    }

    private void send(
            IpcMessage message, int column, boolean isDelta, String text, long value, int rows, boolean isMarked) {
        long bytes = message.frameBytes() + Block.OVERHEAD_BYTES;
        inFlight.add(new Sent(bytes, column, isDelta, text, value, rows, isMarked));
        Topic turn = publication.topic(); // what happens in it is seen right before it and right after it
        turn.execute(() -> arrived += isOver ? 0 : 1);
        publication.append(message);
        turn.execute(this::takeDictionaries);
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
        return publication != null && isReadable && !hasEnded && !isOver;
    }

    boolean isOver() {
        return isOver;
    }

    /** Returns whether this publisher's end has sealed the topic, which it may not have heard yet. */
    boolean isSealing() {
        takeDictionaries();
        return seals && isAccepted && hasFinished && inFlight.isEmpty();
    }

    long orphanedBytes() {
        takeDictionaries();
        return isEnding && !isOver ? inFlight.stream().mapToLong(Sent::bytes).sum() : 0;
    }

    /**
     * Puts the dictionaries in force that were sent in front of the next batch; they never wait.
     *
     * @return why the publisher must be refused, or null
     */
    private ErrorCode takeDictionaries() {
        while (isAccepted && arrived > 0 && inFlight.peek().column > 0) {
            Sent sent = inFlight.peek();
            long id = topic.dictionaryId(sent.column);
            if (sent.isDelta && !dictionaries.present().containsKey(id)) {
                return ErrorCode.BAD_STREAM;
            }
            if (!take(id, sent)) {
                return ErrorCode.TOO_LARGE;
            }
            inFlight.remove();
            arrived--;
        }
        return null;
    }

    /** Puts a dictionary in force, unless that is too much of them. */
    private boolean take(long id, Sent sent) {
        ModelDictionaries.Chain present = dictionaries.present().get(id);
        ModelDictionaries.Chain prior = sent.isDelta ? present : null;
        List<String> texts = List.of(sent.text);
        ModelDictionaries.Chain same = ModelDictionaries.find(id, prior, texts, topic.inForce(dictionaries));
        ModelDictionaries.Chain chain = same == null ? new ModelDictionaries.Chain(prior, texts) : same;
        ModelDictionaries changed = dictionaries.with(id, chain);
        if (changed.weight() > driver.config.publishers().maxDictionaryBytes()) {
            return false;
        }
        if (same != null) {
            driver.saw("same dictionary");
        }
        if (same == null || same != present) {
            dictionaries = changed;
            newDictionaryBytes += HEAD_BYTES; // there are fewer than a chunk has room for
        }
        if (same == null) {
            newDictionaryBytes += ModelDictionaries.weight(texts);
            rebase(id, chain);
        }
        return true;
    }

    /** Puts a dictionary of too many deltas together. */
    private void rebase(long id, ModelDictionaries.Chain chain) {
        if (chain.deltas() > driver.config.publishers().maxDictionaryDeltas()) {
            List<String> texts = chain.allTexts();
            ModelDictionaries.Chain same = ModelDictionaries.find(id, null, texts, topic.inForce(dictionaries));
            newDictionaryBytes += same == null ? ModelDictionaries.weight(texts) : 0;
            dictionaries = dictionaries.withRebased(id, same == null ? new ModelDictionaries.Chain(null, texts) : same);
            driver.saw(same == null ? "rebase" : "same rebase");
        }
    }

    /** Returns the dictionaries in force. */
    ModelDictionaries dictionaries() {
        return dictionaries;
    }

    /** Returns whether the next batch would push out what a subscriber who blocks still needs. */
    boolean mustWait() {
        takeDictionaries();
        return !isOver && !inFlight.isEmpty() && topic.reference.mustWait(inFlight.peek().bytes + newDictionaryBytes);
    }

    /** Nothing happens any more. */
    void rest() {
        if (isOver) {
            return;
        }
        require(isAccepted, "it should be accepted or refused", this);
        require(takeDictionaries() == null, "its dictionary should be refused", this);
        if (inFlight.isEmpty()) {
            require(!hasEnded, "it should be finished", this);
        } else {
            require(topic.mustPublisherWait(), "its batch, or that of one in front of it, should be appended", this);
            driver.saw("blocked");
        }
        long bytes = inFlight.stream().mapToLong(Sent::bytes).sum();
        long limit = driver.config.publishers().maxInFlightBytes();
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
        while (batches < appended) {
            batches++;
            onAppended(lastOffset - (appended - batches));
        }
    }

    private void onAppended(long offset) {
        require(takeDictionaries() == null, "its dictionary should be refused", this);
        Sent sent = inFlight.remove();
        arrived--;
        topic.lastTimeMicros = Math.max(topic.lastTimeMicros, driver.nowMicros());
        topic.reference.append(
                offset,
                new ReferenceTopic.Batch(
                        sent.value,
                        sent.rows,
                        sent.isMarked,
                        topic.lastTimeMicros,
                        sent.bytes + newDictionaryBytes,
                        dictionaries));
        newDictionaryBytes = 0;
        dictionaries = dictionaries.settled();
        takeDictionaries(); // as the broker does, before anybody else changes what is in force
    }

    @Override
    public void onFinished() {
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
