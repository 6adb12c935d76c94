package io.bowstring.broker;

import static io.bowstring.broker.ReferenceTopic.require;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.ErrorCode;
import io.bowstring.protocol.ProtocolException;
import io.bowstring.protocol.SubscribeRequest;
import io.bowstring.protocol.SubscriptionStart;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A subscriber of a {@link ModelDriver}, which decodes what it gets and holds it against the reference. Confined to the
 * test's thread.
 */
final class ModelSubscriber implements SubscriptionSink {
    private final ModelDriver driver;
    private final ModelTopic topic;
    private final SubscribeRequest request;
    private final ManualExecutor executor;
    private final FrameReader client = new FrameReader();
    private final Map<Long, List<String>> dictionaries = new HashMap<>();
    /** What has come of them since the last batch, texts with a plus between, and in front where it is a delta. */
    private final Map<Long, List<String>> changes = new HashMap<>();

    /** Which of the topic's columns it gets, once that has a schema. */
    private List<Integer> columns;

    private ModelDictionaries lastDictionaries = ModelDictionaries.NONE;

    private TopicSubscription subscription;
    private ReferenceTopic.Cursor cursor;
    private ErrorCode refusal;
    private final boolean takesChunks;
    private int credit;
    private boolean isTaken;
    private boolean isStarted;
    private boolean isFlushed = true;
    private boolean isOver;

    ModelSubscriber(
            ModelDriver driver, ModelTopic topic, SubscribeRequest request, ManualExecutor executor, int credit) {
        this.driver = driver;
        this.topic = topic;
        this.request = request;
        this.executor = executor;
        this.credit = credit;
        this.takesChunks = credit % 2 == 0;
    }

    void begin() {
        topic.subscribers.add(this);
        subscription = driver.broker.subscribe(request, this);
        topic.open(subscription.topic());
        subscription.topic().execute(() -> {
            isTaken = true;
            if (topic.hasSchema()) {
                onSchema();
            } else if (request.until().kind() == EndPosition.Kind.END) {
                refusal = ErrorCode.UNKNOWN_TOPIC;
            }
        });
    }

    /** The topic has a schema, and the subscription its place. */
    void onSchema() {
        if (isTaken && !isOver && refusal == null) {
            topic.observe();
            columns = columns();
            refusal = topic.reference.refusal(request);
            if (refusal == null && columns == null) {
                refusal = ErrorCode.BAD_REQUEST;
                driver.saw("unknown column");
            }
            if (refusal == null) {
                cursor = topic.reference.open(request);
            }
        }
    }

    /** Returns the columns that it wants, or null where the topic lacks one. */
    private List<Integer> columns() {
        List<Integer> all = topic.columns.all();
        if (request.columns() == null) {
            return all;
        }
        List<String> present = all.stream().map(ModelColumns::name).toList();
        List<String> names = request.columns().names();
        return present.containsAll(names) ? names.stream().map(present::indexOf).toList() : null;
    }

    private boolean hasAllColumns() {
        return columns.equals(topic.columns.all());
    }

    /** Takes so many batches from now on; also a subscriber that is over may say so. */
    void grant(int batches) {
        if (subscription != null) {
            credit = batches;
            subscription.resume();
        }
    }

    /** Takes no more batches. */
    void stall() {
        credit = 0;
    }

    void cancel() {
        if (subscription != null) {
            end();
            subscription.cancel();
        }
    }

    boolean isOver() {
        return isOver;
    }

    /** Nothing happens any more. */
    void rest() {
        if (!isOver) {
            require(refusal == null, "it should be refused", this);
            require(isStarted == topic.hasSchema(), "it should have begun", this);
            require(isFlushed, "it should be flushed", this);
            if (isStarted) {
                cursor.rest(credit > 0);
            }
        }
    }

    @Override
    public EventExecutor executor() {
        return executor;
    }

    @Override
    public boolean isWritable() {
        return credit > 0;
    }

    @Override
    public void start(IpcSchema schema) {
        called(false);
        require(cursor != null && refusal == null, "it should not begin", this);
        SubscriptionStart start = SubscriptionStart.parse(schema);
        require(start.topic().equals(topic.name), "it is the topic's", start);
        require(start.offset() == cursor.next(), "it begins where it should", start);
        require(schema.fields().equals(topic.columns.fields(columns)), "it has the columns asked for", schema.fields());
        client.read(schema.frame()).release();
        isStarted = true;
        isFlushed = false;
    }

    @Override
    public boolean takesChunks() {
        return takesChunks;
    }

    @Override
    public void write(Chunk chunk) {
        require(credit > 0, "it is not writable", this);
        require(hasAllColumns(), "a chunk has all columns", this);
        if (chunk.batchCount() > 1) {
            driver.saw("chunk");
        }
        int before = credit;
        credit += chunk.batchCount(); // for it is asked once for all of them
        for (int i = 0; i < chunk.batchCount(); i++) {
            write(chunk.batch(i));
        }
        chunk.release();
        credit = Math.max(0, before - chunk.batchCount());
    }

    @Override
    public void write(IpcMessage written) {
        called(true);
        require(credit > 0 || topic.isDurable(), "it is not writable", this); // a piece of a log comes at once
        isFlushed = false;
        IpcMessage message = client.read(written.frame());
        try {
            if (message instanceof IpcDictionaryBatch dictionary) {
                take(dictionary);
            } else {
                take((IpcRecordBatch) message);
            }
        } finally {
            message.release();
        }
    }

    private void take(IpcDictionaryBatch dictionary) {
        List<String> before = dictionaries.get(dictionary.id());
        require(!dictionary.isDelta() || before != null, "a delta has something before it", this);
        String text = DictionaryFrames.text(dictionary);
        changes.computeIfAbsent(dictionary.id(), id -> new ArrayList<>()).add((dictionary.isDelta() ? "+" : "") + text);
        driver.saw(dictionary.isDelta() ? "delta" : "dictionary");
        List<String> texts = new ArrayList<>(dictionary.isDelta() ? before : List.of());
        texts.addAll(List.of(text.split("\\+")));
        dictionaries.put(dictionary.id(), texts);
    }

    private void take(IpcRecordBatch batch) {
        Map<String, String> entries = batch.customMetadata();
        BatchPosition position = BatchPosition.parse(batch);
        topic.observe();
        ReferenceTopic.Batch expected = cursor.deliver(position.offset(), position.gap());
        require(position.timeMicros() == expected.timeMicros(), "its time is that of the append", expected);
        String mine = expected.isMarked() ? Long.toString(expected.value()) : null;
        int marks = topic.isDurable() && position.gap() == 0 ? 3 : 2; // a checksum, unless the mark is another
        boolean isMine = entries.size() == marks + (mine == null ? 0 : 1) + (position.gap() == 0 ? 0 : 1);
        require(isMine && Objects.equals(entries.get("mine"), mine), "its entries are as sent", entries);
        require(topic.columns.isOf(batch, columns, expected.rows(), expected.value()), "it is as sent", expected);
        takeDictionaries(expected.dictionaries());
        driver.saw(position.gap() == 0 ? "batch" : "gap");
        if (!hasAllColumns()) {
            driver.saw(columns.isEmpty() ? "no columns" : position.gap() == 0 ? "some columns" : "gap of some columns");
        }
        credit = Math.max(0, credit - 1);
    }

    /** Checks that those have come that the batch needs, and no others. */
    private void takeDictionaries(ModelDictionaries needed) {
        for (long id : topic.columns.dictionaryIds(columns)) {
            List<String> texts = needed.present().get(id).allTexts();
            require(texts.equals(dictionaries.get(id)), "its dictionary is in force: " + id, dictionaries);
            List<String> messages = needed.after(lastDictionaries, id);
            List<String> come = changes.remove(id);
            if (topic.isDurable()) {
                continue; // which of them a log has come with is its own business
            }
            boolean isAll = messages.equals(come == null ? List.of() : come);
            require(isAll, "no more of a dictionary comes than is needed, " + messages, come);
            if (needed.rebased().containsKey(id)
                    && !messages.isEmpty()
                    && messages.get(0).startsWith("+")) {
                driver.saw("followed a rebase");
            }
        }
        require(changes.isEmpty(), "no dictionary comes of columns that are not wanted", changes);
        lastDictionaries = needed;
    }

    /** Flushes; as a socket does that has room for it at once, it may become writable meanwhile. */
    @Override
    public void flush() {
        called(true);
        isFlushed = true;
        if (driver.isRarely()) {
            grant(Math.max(2, credit));
        }
    }

    @Override
    public void complete() {
        called(true);
        topic.observe();
        cursor.complete();
        driver.saw("complete");
        end();
    }

    @Override
    public void refuse(ProtocolException reason) {
        called(false);
        ErrorCode expected = driver.isDraining() && cursor == null ? ErrorCode.SHUTTING_DOWN : refusal;
        require(reason.code() == expected, "it is refused: " + reason, this);
        driver.saw("subscriber refused: " + expected);
        end();
    }

    @Override
    public void cut(ProtocolException reason) {
        called(true);
        require(reason.code() == ErrorCode.LAGGED, "it is cut: " + reason, this);
        topic.observe();
        cursor.cut();
        driver.saw("cut: " + request.onLag());
        end();
    }

    private void end() {
        isOver = true;
        if (cursor != null) {
            cursor.close();
        }
    }

    private void called(boolean expectsStart) {
        boolean isInOrder = !isOver && isStarted == expectsStart && executor.inEventLoop();
        require(isInOrder, "it is called in order and on its executor", this);
    }

    @Override
    public String toString() {
        return "subscriber of " + topic + ", " + request + ", " + cursor;
    }
}
