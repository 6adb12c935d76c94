package io.bowstring.bench.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say what is measured. Confined to the main thread. */
final class PeersOptions {
    private static final int MIN_BODY_BYTES = 1 << 10;
    private static final int MAX_BODY_BYTES = 32 << 20;
    private static final int MAX_SUBSCRIBERS = 256;
    private static final int MAX_GROWN = 1_000;
    private static final int MAX_ROUNDS = 1_000;
    private static final long MIN_STORED_BYTES = 1 << 20;
    private static final long MAX_STORED_BYTES = 3L << 30;
    private static final String PARTS = "throughput, latency, growth, replay, recovery";
    private static final double MIN_SECONDS = 0.01;
    private static final double MAX_SECONDS = 60;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private int rounds = 7;
    private double turnSeconds = 0.5;
    private int growTo = MAX_GROWN;
    private List<Integer> bodies = List.of(1 << 10, 64 << 10, 1 << 20, 16 << 20);
    private List<Integer> subscribers = List.of(1, 4, 16);
    private List<Lane> lanes = Lanes.ALL;
    private Set<Part> parts = EnumSet.allOf(Part.class);
    private Path disk = Path.of("");
    private long storedBytes = 1 << 30;

    /** Returns who takes turns. */
    List<Lane> lanes() {
        return lanes;
    }

    /** Returns what is measured. */
    PeersConfig config() {
        return new PeersConfig(parts, rounds, bodies, subscribers, turnSeconds, growTo, disk, storedBytes);
    }

    @Option(names = "--rounds", paramLabel = "N", description = "How often each lane takes its turn (default: 7).")
    void rounds(String text) {
        rounds = number("--rounds", text, MAX_ROUNDS);
    }

    @Option(names = "--seconds", paramLabel = "S", description = "How long a turn is, about (default: 0.5).")
    void turnSeconds(String text) {
        try {
            turnSeconds = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            turnSeconds = Double.NaN;
        }
        if (!(turnSeconds >= MIN_SECONDS && turnSeconds <= MAX_SECONDS)) {
            throw wrong("--seconds", text, MIN_SECONDS + " to " + MAX_SECONDS);
        }
    }

    @Option(
            names = "--body",
            paramLabel = "SIZE[,SIZE...]",
            description = "Lengths of bodies (default: 1KiB,64KiB,1MiB,16MiB).")
    void bodies(String text) {
        bodies = each("--body", text, one -> {
            long bytes = Sizes.parse(one);
            if (bytes < MIN_BODY_BYTES || bytes > MAX_BODY_BYTES) {
                throw wrong("--body", one, "1KiB to 32MiB, in B, KiB or MiB");
            }
            return (int) bytes;
        });
    }

    @Option(
            names = "--subscribers",
            paramLabel = "N[,N...]",
            description = "How many subscribers there are (default: 1,4,16).")
    void subscribers(String text) {
        subscribers = each("--subscribers", text, one -> number("--subscribers", one, MAX_SUBSCRIBERS));
    }

    @Option(names = "--lanes", paramLabel = "LANE[,LANE...]", description = "Who takes turns (default: all).")
    void lanes(String text) {
        String names = Lanes.ALL.stream().map(Lane::name).collect(Collectors.joining(", "));
        lanes = each("--lanes", text, one -> Lanes.named(one).orElseThrow(() -> wrong("--lanes", one, "of " + names)));
    }

    @Option(names = "--parts", paramLabel = "PART[,PART...]", description = "Of " + PARTS + " (default: all).")
    void parts(String text) {
        List<Part> each = each(
                "--parts",
                text,
                one -> Arrays.stream(Part.values())
                        .filter(part -> part.name().toLowerCase(Locale.ROOT).equals(one))
                        .findFirst()
                        .orElseThrow(() -> wrong("--parts", one, "of " + PARTS)));
        parts = EnumSet.copyOf(each);
    }

    @Option(
            names = "--grow-to",
            paramLabel = "N",
            description = "Subscribers, topics and publishers at most where these grow (default: 1000).")
    void growTo(String text) {
        growTo = number("--grow-to", text, MAX_GROWN);
    }

    @Option(
            names = "--disk",
            paramLabel = "DIR",
            description =
                    "Where a folder is made, and deleted in the end, for what is written to disk (default: here).")
    void disk(Path folder) {
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw wrong("--disk", folder.toString(), "a folder that exists and can be written to");
        }
        disk = folder;
    }

    @Option(
            names = "--stored",
            paramLabel = "SIZE",
            description = "How much a topic has that is replayed or recovered (default: 1GiB).")
    void storedBytes(String text) {
        storedBytes = Sizes.parse(text);
        if (storedBytes < MIN_STORED_BYTES || storedBytes > MAX_STORED_BYTES) {
            throw wrong("--stored", text, "1MiB to 3GiB, in B, KiB, MiB or GiB");
        }
    }

    private <T> List<T> each(String option, String text, Function<String, T> parse) {
        List<T> values = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            T value = parse.apply(one);
            if (values.contains(value)) {
                throw wrong(option, text, "each once");
            }
            values.add(value);
        }
        return values;
    }

    private int number(String option, String text, int max) {
        int number = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > max) {
            throw wrong(option, text, "1 to " + max);
        }
        return number;
    }

    private ParameterException wrong(String option, String value, String rule) {
        return new ParameterException(spec.commandLine(), option + ": " + value + " (expected: " + rule + ")");
    }
}
