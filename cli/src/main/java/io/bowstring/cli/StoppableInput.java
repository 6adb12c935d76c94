package io.bowstring.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/**
 * Standard input that can be ended by another thread than the one that reads it, which then sees an end of the input. As a
 * stream it is read line by line: a line that is not complete when the input is ended is no row, and is dropped, or an error
 * where it is so long that a part of it has been handed on; where the input ends by itself it is the last one.
 *
 * <p>{@link #end} is for any thread, all else for one.
 */
final class StoppableInput extends InputStream {
    private static final int BUFFER_BYTES = 64 << 10;

    private final ReadableByteChannel channel;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    /** What may be taken: complete lines. */
    private int start;

    private int lineEnd;

    /** What has been read. */
    private int end;

    /** What has been handed on ends inside a line. */
    private boolean isInsideLine;

    /** The reader of lines has met the end that a stop has made. */
    private boolean isCut;

    private volatile boolean isEnded;

    /** Creates an input over a channel whose {@code close} ends a read that is under way. */
    StoppableInput(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** Ends the input. Idempotent. */
    void end() {
        isEnded = true;
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read from.
        }
    }

    /** Returns the bytes as they come, for one who does not read lines. */
    ReadableByteChannel asChannel() {
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer target) throws IOException {
                return readChannel(target);
            }

            @Override
            public boolean isOpen() {
                return channel.isOpen();
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    /** Returns whether the lines that have been read end where {@link #end} has ended them, maybe inside of a row. */
    boolean isCut() {
        return isCut;
    }

    private int readChannel(ByteBuffer target) throws IOException {
        try {
            return isEnded ? -1 : channel.read(target);
        } catch (ClosedChannelException e) {
            if (isEnded) {
                return -1;
            }
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (start == lineEnd && !fill()) {
            return -1;
        }
        int count = Math.min(length, lineEnd - start);
        System.arraycopy(buffer, start, target, offset, count);
        start += count;
        return count;
    }

    /** Reads until there is a complete line, or more than the buffer holds; returns false at the end. */
    private boolean fill() throws IOException {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
        lineEnd = 0;
        int scanned = 0;
        while (lineEnd == 0) {
            int count = end == BUFFER_BYTES ? 0 : readChannel(ByteBuffer.wrap(buffer, end, BUFFER_BYTES - end));
            if (count < 0) {
                isCut = isEnded;
                if (isEnded && isInsideLine) {
                    throw new EOFException("ended inside a line"); // or its part would look like all of it
                }
                lineEnd = isEnded ? 0 : end;
                return lineEnd > 0;
            }
            end += count;
            lineEnd = afterLastLine(scanned);
            scanned = end;
            if (lineEnd == 0 && end == BUFFER_BYTES) {
                lineEnd = end;
                isInsideLine = true;
            } else if (lineEnd > 0) {
                isInsideLine = false;
            }
        }
        return true;
    }

    private int afterLastLine(int from) {
        for (int i = end - 1; i >= from; i--) {
            if (buffer[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
