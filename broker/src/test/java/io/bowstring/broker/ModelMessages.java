package io.bowstring.broker;

import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.FrameReader;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcRecordBatchRun;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes the messages of a {@link ModelPublisher}, and remembers which dictionaries it has made. Confined to the test's thread. */
final class ModelMessages {
    /** What a message has: a dictionary, or where that is less than 0 a batch. */
    record Content(long bytes, int dictionary, boolean isDelta, String text, long value, int rows, boolean isMarked) {
        private static Content ofBatch(IpcRecordBatch batch, long value, int rows, boolean isMarked) {
            return new Content(WaitingMessages.weightBytes(batch), -1, false, "", value, rows, isMarked);
        }
    }

    /** A message, owned by whoever takes it, and what it has. */
    record Message(IpcMessage message, Content content) {}

    /** Batches that come in one read, owned by whoever takes them, and what each has. */
    record Run(IpcRecordBatchRun run, List<Content> contents) {}

    private final ModelDriver driver;
    private final ModelColumns columns;
    private final FrameReader codec = new FrameReader();
    private final FrameReader runs = FrameReader.ofRuns();
    private final boolean[] hasMade = new boolean[ModelColumns.DICTIONARIES];

    ModelMessages(ModelDriver driver, ModelColumns columns) {
        this.driver = driver;
        this.columns = columns;
    }

    /** Begins the stream; returns its schema, owned. */
    IpcSchema begin() {
        codec.read(schema().frame()).release();
        runs.read(schema().frame()).release();
        return schema();
    }

    private IpcSchema schema() {
        return Messages.schema(columns.fields(columns.all()), driver.allocator);
    }

    /** Makes each dictionary that has not been made. */
    List<Message> missingDictionaries() {
        return columns.dictionaries().stream()
                .filter(dictionary -> !hasMade[dictionary])
                .map(dictionary -> dictionary(dictionary, false, "0"))
                .toList();
    }

    /** Returns whether one has been made. */
    boolean hasMade(int dictionary) {
        return hasMade[dictionary];
    }

    /** Makes a dictionary of one text, or a delta with it. */
    Message dictionary(int dictionary, boolean isDelta, String text) {
        hasMade[dictionary] |= !isDelta;
        long id = columns.ids().get(dictionary);
        IpcMessage message = codec.read(DictionaryFrames.frame(id, isDelta, text, driver.allocator));
        long bytes = WaitingMessages.weightBytes(message);
        return new Message(message, new Content(bytes, dictionary, isDelta, text, 0, 0, false));
    }

    Message batch(long value, int rows, boolean isMarked) {
        IpcRecordBatch batch = columns.batch(rows, value, driver.allocator);
        if (isMarked) {
            Map<String, String> entries = Map.of("mine", Long.toString(value));
            batch = batch.edited(new IpcMetadataEdit("", entries), driver.allocator);
        }
        return new Message(batch, Content.ofBatch(batch, value, rows, isMarked));
    }

    /** Makes batches of a row that have the values of a range. */
    Run run(long firstValue, int batches) {
        ByteBuf frames = driver.allocator.buffer();
        List<Content> contents = new ArrayList<>();
        for (long value = firstValue; value < firstValue + batches; value++) {
            IpcRecordBatch batch = columns.batch(1, value, driver.allocator);
            contents.add(Content.ofBatch(batch, value, 1, false));
            frames.writeBytes(batch.frame());
            batch.release();
        }
        return new Run(runs.readRun(frames), contents);
    }
}
