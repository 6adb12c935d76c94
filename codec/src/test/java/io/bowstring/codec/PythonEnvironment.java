package io.bowstring.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A virtual environment of Python, with the packages that a file pins: a {@link Requirement} of tests.
 *
 * <p>Confined to the test's thread.
 */
public final class PythonEnvironment {
    private final Environment environment;
    private final Path packages;

    /**
     * Creates it; nothing is installed yet.
     *
     * @param folder where it is made
     * @param packages the file that pins them, for pip
     */
    public PythonEnvironment(Path folder, Path packages) {
        this.environment = new Environment(folder);
        this.packages = packages;
    }

    /** Makes the environment, unless it is there; where it cannot be had the test lacks a {@link Requirement}. */
    public void require() {
        environment.make(pins(), () -> {
            environment.run("python3", "-m", "venv", environment.folder().toString());
            environment.run(
                    program("python"),
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--requirement",
                    packages.toAbsolutePath().toString());
        });
    }

    private String pins() {
        try {
            return Files.readString(packages);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the path of a program of the environment: the interpreter {@code python}, or one that a package brings. */
    public String program(String name) {
        return environment.folder().resolve("bin").resolve(name).toString();
    }
}
