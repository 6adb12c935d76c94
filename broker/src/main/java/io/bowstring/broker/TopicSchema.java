package io.bowstring.broker;

import io.bowstring.codec.IpcMetadataEdit;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.TopicStatus;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The schema of a topic, which it has from its first publisher on. Owns it. Confined to the topic's turn, but for {@link
 * #isThere()}.
 */
final class TopicSchema {
    private static final IpcMetadataEdit STRIP = new IpcMetadataEdit("bowstring.", Map.of());

    private final MemoryShare share;
    private final ByteBufAllocator allocator;
    private volatile @Nullable IpcSchema schema;
    private String text = "";

    /** Creates the place of a schema, which is charged to a share. */
    TopicSchema(MemoryShare share, ByteBufAllocator allocator) {
        this.share = share;
        this.allocator = allocator;
    }

    /** Returns whether there is one. For any thread. */
    boolean isThere() {
        return schema != null;
    }

    /**
     * Makes a publisher's schema, borrowed, the topic's.
     *
     * @param makeKnown runs right before it is there; where this fails, it is not there, and nothing is charged
     */
    void take(IpcSchema published, Runnable makeKnown) {
        long chargedBytes = MemoryShare.schemaBytes(published);
        String description = TopicStatus.describe(published.fields());
        share.charge("schema", chargedBytes);
        IpcSchema taken = null;
        try {
            taken = published.retain().edited(STRIP, allocator);
            makeKnown.run();
        } catch (RuntimeException | Error e) {
            if (taken != null) {
                taken.release();
            }
            share.release(chargedBytes);
            throw e;
        }
        text = description;
        schema = taken;
    }

    /** Returns the schema, borrowed; there must be one. */
    IpcSchema get() {
        return Objects.requireNonNull(schema);
    }

    /** Returns the schema of some columns, owned; of all where there is no selection. */
    IpcSchema of(@Nullable IpcSelection selection) {
        IpcSchema whole = get().retain();
        return selection == null ? whole : selection.select(whole, allocator);
    }

    /** Returns what its fields are, for people. */
    String text() {
        return text;
    }

    /** Releases it. Idempotent. */
    void release() {
        IpcSchema present = schema;
        schema = null;
        if (present != null) {
            present.release();
        }
    }
}
