package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test class pyarrow, in a virtual environment of the packages in {@code requirements.txt}. Where python3 or the
 * packages cannot be had, the class is skipped with the reason.
 */
final class PythonClients implements BeforeAllCallback {
    private static final Path SCRIPTS = Project.inModule("src/test/python");

    private final Environment environment = new Environment("python");

    @Override
    public void beforeAll(ExtensionContext context) {
        require();
    }

    /** Makes the environment, unless it is there; where it cannot be had the test is skipped with the reason. */
    void require() {
        environment.make(read("requirements.txt"), () -> {
            environment.run("python3", "-m", "venv", environment.folder().toString());
            environment.run(
                    interpreter(),
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--requirement",
                    SCRIPTS.resolve("requirements.txt").toString());
        });
    }

    private static String read(String script) {
        try {
            return Files.readString(SCRIPTS.resolve(script));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the path of the environment's interpreter. */
    String interpreter() {
        return environment.folder().resolve("bin/python").toString();
    }

    /** Returns the scripts in {@code src/test/python}. */
    StockClients scripts() {
        return new StockClients(SCRIPTS, List.of(interpreter(), "run_case.py"));
    }
}
