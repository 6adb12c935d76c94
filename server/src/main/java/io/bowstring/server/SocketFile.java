package io.bowstring.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file of a Unix domain socket that is listened on. It is made where nobody else can come, and moved into its place
 * once it is closed to all but its owner; so there is no moment in which others could connect.
 *
 * <pre>
 *   FOLDER/.b1f2e3d4/s ── bind, chmod 600 ──► FOLDER/NAME
 * </pre>
 *
 * <p>Owns the files. Confined to the thread that starts and stops the server.
 */
final class SocketFile {
    /** What the address of such a socket may have on Linux; other systems have a little less. */
    private static final int MAX_PATH_BYTES = 107;

    private static final String NEW_NAME = "s";

    private final Path path;
    private final Path nursery;
    private Object key = "";

    private SocketFile(Path path, Path nursery) {
        this.path = path;
        this.nursery = nursery;
    }

    /**
     * Prepares to listen at a path.
     *
     * @throws IOException if there is something else, or a server that listens; or there can be no such file
     */
    static SocketFile prepare(Path path) throws IOException {
        requireFree(path);
        Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent(), "the root is no socket");
        String name = String.format(".b%07x", ThreadLocalRandom.current().nextInt(1 << 28));
        Path nursery = folder.resolve(name);
        int bytes = nursery.resolve(NEW_NAME).toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new IOException(
                    "its folder's name is too long: at most " + (MAX_PATH_BYTES - name.length() - 3) + " bytes");
        }
        Files.createDirectory(
                nursery, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new SocketFile(path, nursery);
    }

    private static void requireFree(Path path) throws IOException {
        BasicFileAttributes present;
        try {
            present = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        if (!present.isOther()) {
            throw new FileAlreadyExistsException(path + " is not a socket");
        }
        if (isListening(path)) {
            throw new FileAlreadyExistsException("somebody listens there");
        } // else a process that has died has left it
    }

    private static boolean isListening(Path path) throws IOException {
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            return true;
        } catch (ConnectException e) {
            return false;
        }
    }

    /** Returns where to bind. */
    Path newPath() {
        return nursery.resolve(NEW_NAME);
    }

    /** It is bound: puts the socket where clients look for it, in the place of one that a dead process has left. */
    void publish() throws IOException {
        Files.setPosixFilePermissions(newPath(), PosixFilePermissions.fromString("rw-------"));
        key = key(newPath());
        Files.move(newPath(), path, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(nursery);
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Removes what there is of it, unless another server has taken its place. */
    void delete() throws IOException {
        Files.deleteIfExists(newPath());
        Files.deleteIfExists(nursery);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && key(path).equals(key)) {
            Files.delete(path);
        }
    }
}
