package io.bowstring.bench.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bowstring.bench.Quartiles;
import io.bowstring.bench.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A report as one JSON object. Names end with units. */
final class ReportJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportJson() {}

    static void write(Report report, Path file) throws IOException {
        MAPPER.writeValue(file.toFile(), of(report));
    }

    static ObjectNode of(Report report) {
        ObjectNode root = MAPPER.createObjectNode();
        Machine machine = report.machine();
        root.put("date", machine.date())
                .put("commit", machine.commit())
                .put("jdk", machine.jdk())
                .put("kernel", machine.kernel())
                .put("processor", machine.processor())
                .put("cores", machine.cores())
                .put("rounds", report.config().rounds())
                .put("turn_s", report.config().turnSeconds());
        ArrayNode lanes = root.putArray("lanes");
        for (Entry entry : report.entries()) {
            lanes.addObject()
                    .put("lane", entry.lane())
                    .put("version", entry.version())
                    .put("left_out", entry.missing());
        }
        Findings findings = report.findings();
        ArrayNode failures = root.putArray("failures");
        for (Failure failure : report.failures()) {
            ObjectNode node = failure.shape() == null
                    ? failures.addObject().put("lane", failure.lane())
                    : addShape(failures, failure.lane(), failure.shape());
            node.put("reason", failure.reason());
            failure.log().forEach(node.putArray("log")::add);
        }
        addAll(root.putArray("throughput"), findings.throughput());
        findings.delays().forEach(delay -> add(root.withArray("latency"), delay));
        ObjectNode growth = root.putObject("growth");
        findings.growth().forEach((kind, grown) -> addAll(growth.putArray(Tables.name(kind)), grown));
        add(root, report.disk());
        return root;
    }

    private static void add(ObjectNode root, DiskFindings disk) {
        ReplayFindings replay = disk.replay();
        if (replay != null) {
            add(root.putObject("replay"), replay);
        }
        RecoveryFindings recovery = disk.recovery();
        if (recovery != null) {
            ObjectNode node = root.putObject("recovery").put("bytes", recovery.bytes());
            put(node, "with_indexes_s_per_gib", recovery.indexed().quartiles());
            put(node, "without_indexes_s_per_gib", recovery.bare().quartiles());
        }
    }

    private static void add(ObjectNode node, ReplayFindings replay) {
        node.put("bytes", replay.bytes());
        put(node, "bytes_per_s", replay.replay().quartiles());
        put(node, "sendfile_bytes_per_s", replay.sendfile().quartiles());
        put(node, "ratio_to_sendfile", replay.replay().ratio(replay.sendfile()).quartiles());
        putDelays(node.putObject("live_alone"), replay.alone());
        putDelays(node.putObject("live_beside_replay"), replay.besideReplay());
        putDelays(node.putObject("live_beside_sendfile"), replay.besideSendfile());
    }

    private static void addAll(ArrayNode to, List<Delivered> those) {
        for (Delivered one : those) {
            ObjectNode node = addShape(to, one.lane(), one.shape());
            put(node, "batches_per_s", one.deliveriesPerSecond().quartiles());
            put(node, "bytes_per_s", one.bytesPerSecond().quartiles());
            put(node, "relay_cpu_s_per_gib", one.cpuSecondsPerGibibyte().quartiles());
            for (String other : List.of(Lanes.RAW, Lanes.FLIGHT)) {
                Findings.find(those, other, one.shape()).ifPresent(base -> {
                    Rounds ratio = one.deliveriesPerSecond().ratio(base.deliveriesPerSecond());
                    put(node, "ratio_to_" + other.toLowerCase(Locale.ROOT), ratio.quartiles());
                });
            }
        }
    }

    private static void add(ArrayNode to, Delay delay) {
        ObjectNode node = addShape(to, delay.lane(), delay.shape());
        node.put("rate", delay.rate().name().toLowerCase(Locale.ROOT));
        putDelays(node, delay);
    }

    private static void putDelays(ObjectNode node, Delay delay) {
        node.put("batches_per_s", delay.publishedPerSecond());
        node.put("delays", delay.count());
        node.put("p50_us", delay.p50Micros());
        delay.p99Micros().ifPresent(p99 -> node.put("p99_us", p99));
        node.put("max_us", delay.maxMicros());
    }

    private static ObjectNode addShape(ArrayNode to, String lane, Shape shape) {
        return to.addObject()
                .put("lane", lane)
                .put("body", shape.bodyBytes())
                .put("topics", shape.topics())
                .put("publishers", shape.publishers())
                .put("subscribers", shape.subscribers());
    }

    private static void put(ObjectNode node, String name, Quartiles quartiles) {
        node.putObject(name)
                .put("q1", quartiles.low())
                .put("median", quartiles.median())
                .put("q3", quartiles.high());
    }
}
