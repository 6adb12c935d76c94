package io.bowstring.cli;

import io.bowstring.codec.IpcDictionaryBatch;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcMessage;
import io.bowstring.protocol.FieldMatch;
import io.bowstring.protocol.ProtocolException;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;

/**
 * What the dictionary ids of a file are called in the stream that its messages go to: ids mean nothing outside of their
 * file. Immutable.
 */
final class DictionaryIds {
    private final Map<Long, Long> targets;

    /**
     * Compares fields, all but their dictionary ids, and matches those.
     *
     * @param file for messages to the user
     * @throws CommandException if the fields differ; the message names the first difference
     */
    DictionaryIds(String file, List<IpcField> from, List<IpcField> to) {
        try {
            targets = FieldMatch.dictionaryIds(to, from);
        } catch (ProtocolException e) {
            throw new CommandException(file + ": " + e.getMessage() + ", as in the first file", e);
        }
    }

    /** Returns the message with the other schema's id, owned; {@code message} is consumed. */
    IpcMessage apply(IpcMessage message) {
        if (!(message instanceof IpcDictionaryBatch dictionary)) {
            return message;
        }
        long target = targets.getOrDefault(dictionary.id(), dictionary.id());
        return target == dictionary.id() ? message : dictionary.withId(target, ByteBufAllocator.DEFAULT);
    }
}
