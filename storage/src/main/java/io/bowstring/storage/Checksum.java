package io.bowstring.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C, as all checksums of the log are. Not instantiable. */
final class Checksum {
    private Checksum() {}

    /** Returns the checksum of what remains of buffers, which are borrowed and stay as they are. */
    static int of(ByteBuffer... buffers) {
        CRC32C checksum = new CRC32C();
        for (ByteBuffer buffer : buffers) {
            checksum.update(buffer.duplicate());
        }
        return (int) checksum.getValue();
    }
}
