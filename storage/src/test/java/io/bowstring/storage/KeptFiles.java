package io.bowstring.storage;

import io.bowstring.broker.DurableConfig;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.protocol.BatchPosition;
import io.bowstring.protocol.EndPosition;
import io.bowstring.protocol.StartPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of topics that a broker has kept in a directory, and has let go of. Not instantiable. */
final class KeptFiles {
    /** So that a segment has a few batches. */
    private static final DurableConfig SMALL_SEGMENTS = DurableConfig.DEFAULTS.withSegmentBytes(2_500);

    private KeptFiles() {}

    static StorageRig rig(Path directory) throws IOException {
        return new StorageRig(new LocalDisk(), directory, StorageRig.config(SMALL_SEGMENTS)).start();
    }

    /** Makes a topic {@code t} of so many batches; batch {@code i} has the value {@code 100 + i}. */
    static List<String> make(Path directory, int batches) throws IOException {
        try (StorageRig rig = rig(directory)) {
            for (long i = 0; i < batches; i++) {
                if (i % 3 == 0) {
                    StorageRig.await(rig.publish("t", "feed", false, 100 + i));
                } else {
                    rig.publish("t", 100 + i);
                }
            }
            return rig.all("t");
        }
    }

    /** Returns all that is in files. */
    static Map<Path, byte[]> contents(Path directory) throws IOException {
        Map<Path, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file, Files.readAllBytes(file));
            }
        }
        return contents;
    }

    static List<Path> files(Path topic, String extension) throws IOException {
        try (Stream<Path> files = Files.list(topic)) {
            return files.filter(file -> file.toString().endsWith(extension))
                    .sorted()
                    .toList();
        }
    }

    /** Reads the batches that are wanted, as {@link StorageRig.Received} has them. */
    static List<String> read(Path path, String from, EndPosition until, List<String> faults, List<String> notes)
            throws IOException {
        List<String> batches = new ArrayList<>();
        StoredTopic opened = Files.isDirectory(path)
                ? StoredTopic.ofDirectory(path, faults::add, notes::add)
                : StoredTopic.ofFile(path, faults::add, notes::add);
        try (StoredTopic topic = opened) {
            topic.select(StartPosition.parse(from), until);
            for (IpcMessage message = topic.next(); message != null; message = topic.next()) {
                if (message instanceof IpcRecordBatch batch) {
                    long offset = BatchPosition.parse(batch).offset();
                    batches.add(offset + "=" + batch.buffer(1, Long.BYTES).readLongLE());
                }
                message.release();
            }
        }
        return batches;
    }

    static List<String> read(Path path, List<String> faults) throws IOException {
        return read(path, "earliest", EndPosition.END, faults, new ArrayList<>());
    }

    /** Flips a bit. */
    static void flip(Path file, long position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) position] ^= 4;
        Files.write(file, bytes);
    }

    /** Returns the index of a segment, as its file has it. */
    static SegmentIndex index(Path segment) throws IOException {
        long firstOffset = SegmentFiles.ofSegment(segment).orElseThrow();
        Path file = new SegmentFiles(segment.getParent()).index(firstOffset);
        return SegmentIndex.read(ByteBuffer.wrap(Files.readAllBytes(file)), firstOffset);
    }
}
