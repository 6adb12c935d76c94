package io.bowstring.it;

import io.bowstring.codec.IpcDecoder;
import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcEndOfStream;
import io.bowstring.codec.IpcMessage;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;

/** The messages of one whole stream, which it owns. Confined to the test's thread. */
final class DecodedStream implements AutoCloseable {
    private final List<IpcMessage> messages = new ArrayList<>();

    /** Decodes a stream; fails where the bytes are anything but one whole stream. */
    DecodedStream(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new IpcDecoder());
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
            for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
                messages.add((IpcMessage) message);
            }
            long ends =
                    messages.stream().filter(IpcEndOfStream.class::isInstance).count();
            if (ends != 1 || !(messages.get(messages.size() - 1) instanceof IpcEndOfStream)) {
                throw new AssertionError("not one whole stream: " + messages);
            }
        } catch (AssertionError | RuntimeException e) {
            close();
            throw e;
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    /** Returns the schema; borrowed. */
    IpcSchema schema() {
        return (IpcSchema) messages.get(0);
    }

    /** Returns what follows the schema, the end of the stream excepted; borrowed. */
    List<IpcMessage> data() {
        return messages.subList(1, messages.size() - 1);
    }

    /** Returns the record batches; borrowed. */
    List<IpcRecordBatch> batches() {
        return only(IpcRecordBatch.class);
    }

    /** Returns the dictionary batches; borrowed. */
    List<IpcDictionaryBatch> dictionaries() {
        return only(IpcDictionaryBatch.class);
    }

    private <M> List<M> only(Class<M> type) {
        return messages.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Override
    public void close() {
        messages.forEach(ReferenceCountUtil::release);
        messages.clear();
    }
}
