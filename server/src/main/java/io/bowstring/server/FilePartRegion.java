package io.bowstring.server;

import io.bowstring.broker.FilePart;
import io.netty.channel.DefaultFileRegion;

/** A part of a topic's file on its way to a socket, by {@code sendfile} where the transport can. Owns the part. */
final class FilePartRegion extends DefaultFileRegion {
    private final FilePart part;

    /** Creates a region; the part is consumed. */
    FilePartRegion(FilePart part) {
        super(part.file(), part.position(), part.bytes());
        this.part = part;
    }

    /** The file is the topic's, and others may read it. */
    @Override
    protected void deallocate() {
        part.release();
    }
}
