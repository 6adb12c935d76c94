package io.bowstring.it;

import io.bowstring.codec.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test class apache-arrow for Node, in a folder of the packages in {@code package-lock.json}. Where node, npm or
 * the packages cannot be had, the class is skipped with the reason.
 */
final class NodeClients implements BeforeAllCallback {
    private static final Path SOURCES = Project.inModule("src/test/node");
    private static final List<String> MANIFESTS = List.of("package.json", "package-lock.json");

    private final Environment environment = new Environment(Project.inModule("target/node"));

    @Override
    public void beforeAll(ExtensionContext context) {
        environment.make(source(), () -> {
            for (String manifest : MANIFESTS) {
                Files.copy(SOURCES.resolve(manifest), environment.folder().resolve(manifest));
            }
            environment.run("node", "--version");
            environment.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        });
        copyScripts();
    }

    /** Node looks for packages beside the script and above it, so the scripts must be where the packages are. */
    private void copyScripts() {
        try (var scripts = Files.newDirectoryStream(SOURCES, "*.mjs")) {
            for (Path script : scripts) {
                Path copy = environment.folder().resolve(script.getFileName());
                Files.copy(script, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String source() {
        try {
            StringBuilder all = new StringBuilder();
            for (String manifest : MANIFESTS) {
                all.append(Files.readString(SOURCES.resolve(manifest)));
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the scripts in {@code src/test/node}. */
    StockClients scripts() {
        return new StockClients(environment.folder(), StockClients.Runner.of("node", "run_case.mjs"));
    }
}
