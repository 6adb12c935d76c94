package io.bowstring.broker;

import static io.bowstring.broker.ReferenceTopic.require;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.PublishRequest;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A publisher of a {@link ModelDriver}. It remembers what it has sent until the broker says that it is appended, which it
 * hears at once, in the broker's own task, and tells the reference.
 *
 * <p>Confined to the test's thread.
 */
final class ModelPublisher implements PublicationListener {
    private static final long HEAD_BYTES = 64; // for each dictionary in it

    private final ModelDriver driver;
    private final ModelTopic topic;
    private final List<IpcField> fields;
    private final boolean seals;
    private final ManualExecutor executor = ManualExecutor.atOnce(); // so that the reference hears in time
    private final FrameReader codec = new FrameReader();
    private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
    private Map<Long, List<String>> dictionaries = Map.of();
    private final Map<Long, Long> dictionaryBytes = new HashMap<>();
    private final boolean[] hasSent = new boolean[ModelDriver.COLUMNS];
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
        topic.publishers.add(this);
        publication = driver.broker.publish(
                new PublishRequest(topic.name, true, seals), Messages.schema(fields, driver.allocator), this);
        driver.behindTopic(() -> {
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

    /** Sends a batch that has {@code value} everywhere. */
    void sendBatch(long value, int rows, boolean isMarked) {
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
        long bytes = message.frameBytes() + LogEntry.OVERHEAD_BYTES;
        inFlight.add(new Sent(bytes, column, isDelta, text, value, rows, isMarked));
        publication.append(message);
    }

    void end(boolean inOrder) {
        hasEnded = true;
        if (inOrder) {
            hasFinished = true;
            publication.finish();
        } else {
            publication.abort();
        }
        driver.behindTopic(() -> isEnding = true);
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
        while (isAccepted && !inFlight.isEmpty() && inFlight.peek().column > 0) {
            Sent sent = inFlight.peek();
            long id = topic.dictionaryId(sent.column);
            if (sent.isDelta && !dictionaries.containsKey(id)) {
                return ErrorCode.BAD_STREAM;
            }
            List<String> texts = new ArrayList<>(sent.isDelta ? dictionaries.get(id) : List.of());
            texts.add(sent.text);
            long bytes = texts.size() * Messages.DICTIONARY_WEIGHT;
            long others =
                    dictionaryBytes.values().stream().mapToLong(Long::longValue).sum()
                            - dictionaryBytes.getOrDefault(id, 0L);
            if (others + bytes > driver.config.maxDictionaryBytes()) {
                return ErrorCode.TOO_LARGE;
            }
            dictionaryBytes.put(id, bytes);
            Map<Long, List<String>> changed = new LinkedHashMap<>(dictionaries);
            changed.put(id, texts);
            dictionaries = changed;
            newDictionaryBytes += Messages.DICTIONARY_WEIGHT + HEAD_BYTES * changed.size();
            inFlight.remove();
        }
        return null;
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
        long limit = driver.config.maxInFlightBytes();
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
        require(takeDictionaries() == null, "its dictionary should be refused", this);
        Sent sent = inFlight.remove();
        require(appended == ++batches, "batches are counted: " + appended, this);
        topic.lastTimeMicros = Math.max(topic.lastTimeMicros, driver.nowMicros());
        topic.reference.append(
                lastOffset,
                new ReferenceTopic.Batch(
                        sent.value,
                        sent.rows,
                        sent.isMarked,
                        topic.lastTimeMicros,
                        sent.bytes + newDictionaryBytes,
                        dictionaries));
        newDictionaryBytes = 0;
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
