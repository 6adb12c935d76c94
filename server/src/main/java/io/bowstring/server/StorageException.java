package io.bowstring.server;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** The server cannot keep topics where it was told to. Immutable. */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    StorageException(Path data, Exception cause) {
        super("data: " + data + " (expected: a directory that this server can use alone): " + reason(cause), cause);
    }

    private static String reason(Exception cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileAlreadyExistsException || cause instanceof NotDirectoryException) {
            return "there is a file of that name";
        }
        if (cause instanceof FileSystemException system && system.getReason() != null) {
            return system.getReason(); // without the path, which may be one in that directory
        }
        return String.valueOf(cause.getMessage());
    }
}
