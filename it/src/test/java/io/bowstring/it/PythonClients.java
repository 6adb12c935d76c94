package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test class pyarrow, in a virtual environment of the packages in {@code requirements.txt}. Where python3 or the
 * packages cannot be had, the class is skipped with the reason.
 */
final class PythonClients implements BeforeAllCallback, AfterAllCallback {
    private static final Path SCRIPTS = Project.inModule("src/test/python");

    private final Environment environment = new Environment("python");

    /** Null until a case has run. */
    private PythonForks forks;

    @Override
    public void beforeAll(ExtensionContext context) {
        require();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (forks != null) {
            forks.close();
            forks = null;
        }
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
        return new StockClients(
                SCRIPTS, PythonForks.arePossible() ? this::fork : StockClients.Runner.of(interpreter(), "run_case.py"));
    }

    private ClientProcess fork(Path folder, Map<String, String> variables, List<String> arguments) throws IOException {
        if (forks == null) {
            forks = new PythonForks(SCRIPTS, interpreter());
        }
        return forks.start(folder, variables, arguments);
    }
}
