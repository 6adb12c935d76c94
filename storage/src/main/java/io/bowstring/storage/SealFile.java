package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/** An empty file {@code sealed} in the directory of a topic says that nothing more is appended. Not instantiable. */
final class SealFile {
    private static final String NAME = "sealed";

    private SealFile() {}

    /** Returns its name. */
    static Path path(SegmentFiles files) {
        return files.directory().resolve(NAME);
    }

    /** Seals a topic for good: also after a loss of power. */
    static void make(LogFiles files) throws IOException {
        try {
            files.disk().create(path(files.names())).close();
        } catch (FileAlreadyExistsException e) {
            // It is there already.
        }
        files.disk().syncDirectory(files.directory());
    }

    static boolean isThere(LogFiles files) throws IOException {
        return files.disk().list(files.directory()).contains(path(files.names()));
    }

    /** Returns whether a file of a topic is that one. */
    static boolean isSealFile(Path file) {
        return file.endsWith(NAME);
    }
}
