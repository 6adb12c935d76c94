package io.bowstring.broker;

import io.bowstring.codec.IpcDictionaryBatch;
import java.util.List;

/**
 * Batches from a log that keeps them elsewhere, and before them the dictionaries that whoever has read the log so far needs
 * for them and does not have.
 *
 * <pre>
 *   dictionary │ delta │ ...    batch │ batch │ batch │ ...
 *   └ dictionaries()            └ chunk()
 * </pre>
 *
 * <p>Owns a reference to each dictionary and to the chunk. A holder either takes over all of these references, which consumes the
 * piece, or releases the piece. Confined to its holder's thread.
 */
public final class LogPiece implements LogPart {
    private final List<IpcDictionaryBatch> dictionaries;
    private final Chunk chunk;

    /**
     * Creates a piece.
     *
     * @param dictionaries in the order in which they are sent; consumed
     * @param chunk consumed
     */
    public LogPiece(List<IpcDictionaryBatch> dictionaries, Chunk chunk) {
        this.dictionaries = dictionaries;
        this.chunk = chunk;
    }

    /** Returns the dictionary batches, in the order in which they are sent, mostly none; borrowed. */
    public List<IpcDictionaryBatch> dictionaries() {
        return dictionaries;
    }

    /** Returns the batches; borrowed. */
    public Chunk chunk() {
        return chunk;
    }

    @Override
    public long firstOffset() {
        return chunk.firstOffset();
    }

    @Override
    public long batchCount() {
        return chunk.batchCount();
    }

    @Override
    public long bytes() {
        return chunk.frameBytes();
    }

    /** Drops the references to the dictionaries and to the chunk. */
    @Override
    public void release() {
        dictionaries.forEach(IpcDictionaryBatch::release);
        chunk.release();
    }
}
