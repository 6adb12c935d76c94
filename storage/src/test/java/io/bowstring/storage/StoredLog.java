package io.bowstring.storage;

import io.bowstring.codec.BatchBytes;
import io.bowstring.codec.DictionaryFrames;
import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A log as a writer makes it, which remembers what it has written: each batch, its time, and the dictionaries in force. Confined
 * to one thread, but for {@link #segments}; others may look at batches that they know to have been written.
 */
final class StoredLog {
    static final int DICTIONARIES = 3;

    private static final byte[] SCHEMA = schema();

    /** A batch and what was in force where it was written: by ids, the texts that have been put together. */
    record Batch(byte[] frame, long timeMicros, Map<Long, List<String>> dictionaries) {}

    final Disk disk;
    final SegmentFiles files;
    final Segments segments = new Segments();
    final List<StoredSegment> added = new ArrayList<>();
    final List<Batch> batches;

    private final Map<Long, List<String>> inForce = new LinkedHashMap<>();
    private final List<byte[]> range = new ArrayList<>();
    private SegmentWriter writer;
    private boolean hasDictionaries;
    private long timeMicros;
    private int texts;

    /** Creates a log without segments in a directory of its own. */
    StoredLog(FaultyDisk disk) throws IOException {
        this(disk, new SegmentFiles(Path.of("/data/topic")), new ArrayList<>());
    }

    /**
     * Creates a log without segments.
     *
     * @param batches empty
     */
    StoredLog(Disk disk, SegmentFiles files, List<Batch> batches) throws IOException {
        this.disk = disk;
        this.files = files;
        this.batches = batches;
        disk.makeDirectory(files.directory());
    }

    private static byte[] schema() {
        List<IpcField> fields = new ArrayList<>();
        for (long id = 0; id < DICTIONARIES; id++) {
            IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(id, IpcType.INT32, false);
            fields.add(new IpcField("d" + id, true, IpcType.UTF8, encoding, List.of()));
        }
        IpcSchema schema = IpcSchema.of(fields, Map.of(), UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(schema.frame());
        schema.release();
        return bytes;
    }

    long nextOffset() {
        return batches.size();
    }

    /** Begins a segment, after the one before has come to its end: its head goes to the first range. */
    void roll() throws IOException {
        close();
        writer = SegmentWriter.create(disk, files, nextOffset());
        StoredSegment segment = new StoredSegment(disk, files.segment(nextOffset()), writer.index(), Runnable::run);
        segments.add(segment);
        added.add(segment);
        range.add(SCHEMA);
        for (Map.Entry<Long, List<String>> entry : inForce.entrySet()) {
            for (int i = 0; i < entry.getValue().size(); i++) {
                addDictionary(entry.getKey(), i > 0, entry.getValue().get(i));
            }
        }
    }

    /** Forgets the dictionaries, as a server does that stops. */
    void forgetDictionaries() {
        inForce.clear();
    }

    private void addDictionary(long id, boolean isDelta, String text) {
        ByteBuf frame = DictionaryFrames.frame(id, isDelta, text, UnpooledByteBufAllocator.DEFAULT);
        range.add(ByteBufUtil.getBytes(frame));
        frame.release();
        hasDictionaries = true;
    }

    /** Sets a dictionary to another text. */
    void replace(long id) {
        String text = "t" + texts++;
        inForce.put(id, new ArrayList<>(List.of(text)));
        addDictionary(id, false, text);
    }

    /** Sets what the next segment begins with. */
    void replaceAtRoll(long id) {
        inForce.put(id, new ArrayList<>(List.of("t" + texts++)));
    }

    /** Appends a text to a dictionary that is there. */
    void append(long id) {
        String text = "t" + texts++;
        inForce.get(id).add(text);
        addDictionary(id, true, text);
    }

    void appendAtRoll(long id) {
        inForce.get(id).add("t" + texts++);
    }

    /** Takes from a dictionary what has been appended to it, as where a publisher begins anew. */
    void shortenAtRoll(long id) {
        List<String> all = inForce.get(id);
        all.subList(1, all.size()).clear();
    }

    void addBatch(int microsLater) {
        timeMicros += microsLater;
        addBatch(StoredStream.batch(nextOffset(), timeMicros));
    }

    void addLargeBatch(int bodyBytes) {
        IpcMetadataEdit edit = new IpcMetadataEdit(
                "bowstring.",
                List.of(
                        Map.entry("bowstring.offset", Long.toString(nextOffset())),
                        Map.entry("bowstring.time", Long.toString(timeMicros))));
        IpcRecordBatch batch = IpcRecordBatch.of(
                        Unpooled.wrappedBuffer(new BatchBytes(0).body(bodyBytes).message()))
                .edited(edit, UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(batch.frame());
        batch.release();
        addBatch(bytes);
    }

    private void addBatch(byte[] frame) {
        Map<Long, List<String>> dictionaries = new LinkedHashMap<>();
        inForce.forEach((id, all) -> dictionaries.put(id, List.copyOf(all)));
        batches.add(new Batch(frame, timeMicros, dictionaries));
        range.add(frame);
    }

    /** Writes what has been added as one range. */
    void write() throws IOException {
        if (!range.isEmpty()) {
            ByteBuffer[] bytes = range.stream().map(ByteBuffer::wrap).toArray(ByteBuffer[]::new);
            writer.write(bytes, new RangeContent(nextOffset(), timeMicros, 0, hasDictionaries, false));
            writer.sync();
            range.clear();
            hasDictionaries = false;
        }
    }

    /** Ends the last segment, if there is one. */
    void close() throws IOException {
        if (writer != null) {
            write();
            writer.finish();
            writer.close();
            writer = null;
        }
    }

    /** Adds so many batches, in ranges and segments of random lengths, between which dictionaries change. */
    void addRandom(Random random, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (writer == null || random.nextInt(20) == 0) {
                rollRandom(random);
            }
            while (random.nextInt(4) == 0) {
                long id = random.nextInt(DICTIONARIES);
                if (inForce.containsKey(id) && random.nextBoolean()) {
                    append(id);
                } else {
                    replace(id);
                }
                writeAtRandom(random, 5); // also dictionaries alone
            }
            addBatch(random.nextInt(4) * random.nextInt(2));
            writeAtRandom(random, 2);
        }
        write();
    }

    private void rollRandom(Random random) throws IOException {
        close();
        switch (random.nextInt(5)) {
            case 0 -> forgetDictionaries();
            case 1 -> replaceAtRoll(random.nextInt(DICTIONARIES));
            case 2 -> inForce.keySet().stream().findFirst().ifPresent(this::appendAtRoll);
            case 3 -> List.copyOf(inForce.keySet()).forEach(this::shortenAtRoll);
            default -> {}
        }
        roll();
        writeAtRandom(random, 2);
    }

    private void writeAtRandom(Random random, int bound) throws IOException {
        if (random.nextInt(bound) == 0) {
            write();
        }
    }
}
