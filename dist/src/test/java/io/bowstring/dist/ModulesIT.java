package io.bowstring.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of modules against what the jars refer to. */
class ModulesIT {
    private static final Path MODULE = Path.of(System.getProperty("bowstring.root"), "dist");

    @TempDir
    private Path directory;

    @Test
    void listsEachModuleThatTheJarsReferTo() throws Exception {
        Set<String> listed = Files.readAllLines(MODULE.resolve("src/main/modules.txt")).stream()
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> line.replaceFirst("^-", "").split(" ")[0])
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(modules(jars())).isEqualTo(listed);
    }

    private static List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(MODULE.resolve("target/lib"))) {
            return files.toList();
        }
    }

    private Set<String> modules(List<Path> jars) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-s", "--ignore-missing-deps", "--multi-release", "17"));
        for (Path jar : jars) {
            arguments.add(withoutModule(jar).toString());
        }
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        int exitCode =
                ToolProvider.findFirst("jdeps").orElseThrow().run(writer, writer, arguments.toArray(String[]::new));
        assertThat(exitCode).as(out.toString()).isZero();
        return Pattern.compile("-> (\\S+)$", Pattern.MULTILINE)
                .matcher(out.toString())
                .results()
                .map(match -> match.group(1))
                .filter(name -> name.startsWith("java.") || name.startsWith("jdk."))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A jar that says that it is a module would need all that it requires, also what is optional. */
    private Path withoutModule(Path jar) throws IOException {
        Path copy = directory.resolve(jar.getFileName());
        try (InputStream file = Files.newInputStream(jar);
                ZipInputStream in = new ZipInputStream(file);
                OutputStream copied = Files.newOutputStream(copy);
                ZipOutputStream out = new ZipOutputStream(copied)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class")) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(out);
                }
            }
        }
        return copy;
    }
}
