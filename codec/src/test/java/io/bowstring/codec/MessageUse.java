package io.bowstring.codec;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Everything that can be done with a message that a decoder has let through. All of it must work, whatever the message
 * says about itself; a batch may only refuse to give out parts that it does not have. Not instantiable.
 */
public final class MessageUse {
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;
    private static final IpcMetadataEdit EDIT = ReRootingTest.add("z", "1");
    private static final long OTHER_ID = 9;
    private static final int PARTS = 8;

    private MessageUse() {}

    /**
     * Reads all there is to read and edits the message, which is consumed.
     *
     * @throws AssertionError where something does not work
     */
    public static void use(IpcMessage message) {
        int entries = message.customMetadata().size();
        byte[] body = ByteBufUtil.getBytes(message.body());
        IpcMessage edited = readAndEdit(message);
        try {
            require(edited.customMetadata().size() >= entries, "entries", edited.customMetadata());
            require(Arrays.equals(ByteBufUtil.getBytes(edited.body()), body), "edited body", edited);
            if (edited instanceof IpcSchema schema) {
                require(schema.schemaMetadata().containsKey("z"), "entries of schema", schema.schemaMetadata());
            } else if (edited instanceof IpcRecordBatch batch) {
                require(batch.customMetadata().containsKey("z"), "entries", batch.customMetadata());
            } else if (edited instanceof IpcDictionaryBatch batch) {
                require(batch.id() == OTHER_ID, "id", batch.id());
            }
        } finally {
            edited.release();
        }
    }

    /** Returns the edited message, owned; {@code message} is consumed. */
    private static IpcMessage readAndEdit(IpcMessage message) {
        if (message instanceof IpcSchema schema) {
            List<IpcField> fields = schema.fields();
            String read = fields.toString();
            Map<String, String> entries = schema.schemaMetadata();
            IpcSchema edited = schema.edited(EDIT, ALLOCATOR);
            require(edited.schemaMetadata().keySet().containsAll(entries.keySet()), "edited " + read, entries);
            return edited;
        } else if (message instanceof IpcRecordBatch batch) {
            readParts(batch);
            return batch.edited(EDIT, ALLOCATOR);
        } else if (message instanceof IpcDictionaryBatch batch) {
            return batch.withId(OTHER_ID, ALLOCATOR);
        }
        return message;
    }

    private static void readParts(IpcRecordBatch batch) {
        require(batch.rowCount() >= 0, "rows", batch.rowCount());
        try {
            IpcBatchMetadata metadata = batch.batchMetadata();
            for (int i = 0; i < Math.min(PARTS, metadata.nodeCount()); i++) {
                metadata.nullCount(i);
            }
            for (int i = 0; i < PARTS; i++) {
                batch.buffer(i, 1).getByte(0);
            }
        } catch (IpcException e) {
            require(e.code() == IpcErrorCode.MALFORMED, "refusal of parts", e);
        }
    }

    private static void require(boolean holds, String what, Object is) {
        if (!holds) {
            throw new AssertionError(what + ": " + is);
        }
    }
}
