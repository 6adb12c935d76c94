package io.bowstring.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Locale;

/** There is too little room on the disk, or for more open files: there may be room later. */
final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1;

    DiskFullException(long freeBytes, long wantedBytes, long minFreeBytes) {
        super("free bytes of the disk: " + freeBytes + " (expected: " + wantedBytes + " and " + minFreeBytes
                + " that are left; min-free-disk)");
    }

    /** Returns whether an error of the system says so too; Java has no type for that. */
    static boolean isDiskFull(IOException e) {
        String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        String text = reason == null ? "" : reason.toLowerCase(Locale.ROOT);
        return e instanceof DiskFullException
                || text.contains("no space left")
                || text.contains("quota exceeded")
                || text.contains("too many open files");
    }
}
