package io.bowstring.it;

import io.bowstring.codec.PythonEnvironment;
import java.io.IOException;
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

    private final PythonEnvironment environment =
            new PythonEnvironment(Project.inModule("target/python"), SCRIPTS.resolve("requirements.txt"));

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
        environment.require();
    }

    /** Returns the path of the environment's interpreter. */
    String interpreter() {
        return environment.program("python");
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
