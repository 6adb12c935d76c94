package io.bowstring.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds the streams and files of the Arrow project's own integration tests, a checkout of <a
 * href="https://github.com/apache/arrow-testing">apache/arrow-testing</a>. Its {@code data} folder is named by the
 * environment variable {@code ARROW_TEST_DATA}, and is {@code ../shared/arrow-testing/data} beside the project where
 * that is not set.
 *
 * <p>Where the folder is missing, tests that {@link #read} from it lack a {@link Requirement}.
 *
 * <p>Thread-safe.
 */
public final class GoldenStreams {
    private static final List<String> LITTLE_ENDIAN =
            List.of("0.17.1", "1.0.0-littleendian", "2.0.0-compression", "4.0.0-shareddict");

    /** Folders that older checkouts lack. */
    private static final List<String> NEWER = List.of("cpp-21.0.0");

    private static final String LEGACY = "0.14.1";

    private GoldenStreams() {}

    /** Returns the little-endian streams whose framing has the continuation marker, in order of name. */
    public static List<Path> littleEndian() {
        return littleEndian(".stream");
    }

    /** Returns the IPC files that hold what {@link #littleEndian} does, in order of name. */
    public static List<Path> littleEndianFiles() {
        return littleEndian(".arrow_file");
    }

    private static List<Path> littleEndian(String suffix) {
        Stream<String> newer = NEWER.stream().filter(version -> Files.isDirectory(folder(version)));
        return Stream.concat(LITTLE_ENDIAN.stream(), newer)
                .flatMap(version -> list(version, suffix))
                .toList();
    }

    /** Returns the big-endian streams, in order of name. */
    public static List<Path> bigEndian() {
        return list("1.0.0-bigendian", ".stream").toList();
    }

    /** Returns streams from before Arrow 0.15, whose framing has no continuation marker, in order of name. */
    public static List<Path> legacy() {
        return list(LEGACY, ".stream").toList();
    }

    /** Returns all streams that a decoder accepts, the last of them {@link #legacy} ones, which it must be told to. */
    public static List<Path> readable() {
        return Stream.concat(littleEndian().stream(), legacy().stream()).toList();
    }

    /** Returns whether a stream is one of {@link #legacy}. */
    public static boolean isLegacy(Path file) {
        return file.startsWith(folder(LEGACY));
    }

    /** Returns the bytes of one of the files above; the folder is a {@link Requirement}. */
    public static byte[] read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Requirement.unmet(
                    "no golden streams in " + file + " (set ARROW_TEST_DATA to the data of arrow-testing)");
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lists the files of one version; where the folder is missing it stands for its files, for {@link #read}. */
    private static Stream<Path> list(String version, String suffix) {
        Path folder = folder(version);
        if (!Files.isDirectory(folder)) {
            return Stream.of(folder);
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path folder(String version) {
        return data().resolve("arrow-ipc-stream/integration").resolve(version);
    }

    private static Path data() {
        String named = System.getenv("ARROW_TEST_DATA");
        return named != null
                ? Path.of(named)
                : Path.of(System.getProperty("bowstring.root", ""), "../shared/arrow-testing/data");
    }
}
