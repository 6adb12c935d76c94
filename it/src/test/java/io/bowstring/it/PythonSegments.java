package io.bowstring.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Segments of durable topics, as pyarrow reads them from their files. Not instantiable. */
final class PythonSegments {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private PythonSegments() {}

    /**
     * Compares the segments that have their end with what is known of their topics.
     *
     * @param data the folder of the topics
     * @return the offset after them, by the topic's name
     */
    static Map<String, Long> compare(PythonClients python, Path data, List<TopicRecord> records) throws IOException {
        Map<String, Long> nextOffsets = new HashMap<>();
        Map<String, TopicRecord> byName = new HashMap<>();
        List<String> command = new ArrayList<>(List.of(python.interpreter(), "segments.py"));
        for (TopicRecord record : records) {
            nextOffsets.put(record.topic(), 0L);
            byName.put(record.topic(), record);
            command.add(data.resolve(record.topic()).toString());
        }
        Path scripts = Project.inModule("src/test/python");
        try (ClientProcess process = ClientProcess.start(scripts, Map.of("PYTHONDONTWRITEBYTECODE", "1"), command)) {
            for (String line : process.await(TIMEOUT).lines().toList()) {
                String[] parts = line.split(" ", 4);
                long next = nextOffsets.get(parts[0]);
                if (Long.parseLong(parts[1]) != next) {
                    throw new AssertionError(line + " (expected: offset " + next + ")");
                }
                byName.get(parts[0])
                        .add(next, new TopicRecord.Entry(NumberedBatch.parse(parts[3]), Long.parseLong(parts[2])));
                nextOffsets.put(parts[0], next + 1);
            }
        }
        return nextOffsets;
    }
}
