package io.bowstring.it;

import java.nio.file.Path;

/** Where things are in the source tree. Not instantiable. */
final class Project {
    /** The folder of the whole project, by the system property {@code bowstring.root}. */
    static final Path ROOT = root();

    private Project() {}

    private static Path root() {
        String named = System.getProperty("bowstring.root");
        Path folder = named == null ? Path.of("").toAbsolutePath() : Path.of(named);
        // The IDE starts tests in the module's folder and knows no property; Maven started in there names that folder.
        return folder.endsWith("it") ? folder.getParent() : folder;
    }

    /** Returns a file or folder of this module. */
    static Path inModule(String path) {
        return ROOT.resolve("it").resolve(path);
    }
}
