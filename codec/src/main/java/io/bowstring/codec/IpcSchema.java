package io.bowstring.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schema message: what the fields of the stream are. Its data are little-endian, which is all that this codec
 * carries. See {@link IpcMessage} for ownership and threads.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#schema-message">Arrow: Schema message</a>
 */
public final class IpcSchema extends IpcMessage {
    private static final int EXPECTED_BYTES = 1 << 10;

    private final List<IpcField> fields;
    private final Set<Long> dictionaryIds;

    /** Made when it is first wanted; by two threads at once twice, which makes no difference. */
    private @Nullable ColumnSpans spans;

    /** Takes over the reference that {@code frame} owns, unless it throws; {@code metadata}, its metadata, is borrowed. */
    IpcSchema(Frame frame, MetadataReader metadata, IpcLimits limits) {
        super(frame);
        SchemaReader reader = new SchemaReader(metadata, limits);
        this.fields = reader.read(frame.header().table());
        this.dictionaryIds = Set.copyOf(reader.dictionaryIds());
    }

    /** Takes over the reference that {@code frame} owns. */
    IpcSchema(Frame frame, List<IpcField> fields, Set<Long> dictionaryIds) {
        super(frame);
        this.fields = fields;
        this.dictionaryIds = dictionaryIds;
    }

    /**
     * Writes a schema message.
     *
     * @param fields the fields, may be empty
     * @param metadata the schema's {@code custom_metadata}, in order
     * @return the message, owned
     * @throws IpcException where fields are nested deeper than any reader may be asked to go, 256 levels
     */
    public static IpcSchema of(List<IpcField> fields, Map<String, String> metadata, ByteBufAllocator allocator) {
        ToIntFunction<MetadataWriter> entries = out -> CustomMetadata.writeAll(out, metadata);
        return write(fields, Stream.iterate(entries, any -> IpcField.NO_ENTRIES).iterator(), allocator);
    }

    /**
     * Writes a schema message.
     *
     * @param entries for the schema and then for each field, nested ones after their parent, what writes its {@code
     *     custom_metadata} and returns the position of that, see {@link IpcField#writeAll}
     * @return the message, owned
     */
    static IpcSchema write(
            List<IpcField> fields, Iterator<ToIntFunction<MetadataWriter>> entries, ByteBufAllocator allocator) {
        MetadataWriter out = new MetadataWriter(IpcKind.SCHEMA, MessageHeader.V5, 0, false, EXPECTED_BYTES);
        ToIntFunction<MetadataWriter> own = entries.next();
        int schema = out.table(12, 0, 4, 8);
        out.header(schema);
        out.point(schema + 4, IpcField.writeAll(fields, entries, out));
        out.point(schema + 8, own.equals(IpcField.NO_ENTRIES) ? out.offsets(0) : own.applyAsInt(out));
        out.finish();
        return of(new Frame(Frame.newHead(out, 0, 0, allocator), out.newHeader(0), 0));
    }

    /** Takes over the reference that {@code frame} owns, whatever is thrown. */
    private static IpcSchema of(Frame frame) {
        try {
            return new IpcSchema(frame, frame.reader(), IpcLimits.UNLIMITED);
        } catch (Throwable e) {
            frame.buffer().release();
            throw e;
        }
    }

    /**
     * Makes a schema message of metadata that another library has written: what it calls a serialized schema, less the
     * prefix.
     *
     * @param metadata a {@code Message} flatbuffer; borrowed, copied
     * @return the message, owned
     * @throws IpcException where it is not a schema, or not a well-formed one
     */
    public static IpcSchema ofMetadata(ByteBuf metadata, ByteBufAllocator allocator) {
        MetadataReader reader = new MetadataReader(metadata, metadata.readerIndex(), metadata.readableBytes());
        MessageHeader header = MessageHeader.read(reader, IpcLimits.UNLIMITED);
        if (header.kind() != IpcKind.SCHEMA) {
            throw IpcException.malformed("header_type", header.kind(), "SCHEMA");
        }
        return of(Frame.of(metadata, Unpooled.EMPTY_BUFFER, true, header, allocator));
    }

    /** Returns the top-level fields; immutable, outlives the message. */
    public List<IpcField> fields() {
        return fields;
    }

    /** Returns the ids of all dictionaries that fields at any depth refer to; immutable, outlives the message. */
    public Set<Long> dictionaryIds() {
        return dictionaryIds;
    }

    /**
     * Returns where the fields stand in a batch; outlives the message.
     *
     * @throws IpcException {@code MALFORMED} where a type's parameters or children cannot be
     */
    ColumnSpans spans() {
        ColumnSpans present = spans;
        if (present == null) {
            present = new ColumnSpans(fields);
            spans = present;
        }
        return present;
    }

    /** Returns the schema's {@code custom_metadata}, in order; of several entries with one key the first counts. */
    public Map<String, String> schemaMetadata() {
        MetadataReader in = bytes().reader();
        return CustomMetadata.read(in, in.vector(bytes().header().table(), 2, 4));
    }

    /**
     * Returns the {@code custom_metadata} of the fields, nested ones after their parent. Two fields are equal whatever they
     * have of it, but for what it says of their {@linkplain IpcField#extension types}.
     *
     * @return an entry for each field
     * @throws IpcException {@code TOO_LARGE} where entries share strings, so that they are much longer than the message
     */
    public List<Map<String, String>> fieldMetadata() {
        SchemaReader reader = new SchemaReader(bytes().reader(), IpcLimits.UNLIMITED);
        reader.read(bytes().header().table());
        List<Map<String, String>> all = reader.readEntries();
        return all.subList(1, all.size());
    }

    /**
     * Changes the schema's {@code custom_metadata} by re-rooting. The fields keep their bytes.
     *
     * @return the changed message, owned; this message is consumed
     */
    public IpcSchema edited(IpcMetadataEdit edit, ByteBufAllocator allocator) {
        return new IpcSchema(
                RootTables.prepend(bytes(), root -> root.editSchema(edit), allocator), fields, dictionaryIds);
    }

    /**
     * Returns this message in memory that is watched: {@code onFree} runs once when the last reference to it is dropped. The
     * bytes stay where they are, unless the message is not in one direct buffer.
     *
     * @param onFree by whichever thread; must not throw, and does not run where this method throws
     * @param allocator for a copy
     * @return the same message, owned; this message is consumed
     */
    public IpcSchema watched(Runnable onFree, ByteBufAllocator allocator) {
        return new IpcSchema(bytes().watched(onFree, allocator), fields, dictionaryIds);
    }

    @Override
    public IpcSchema toKeep(ByteBufAllocator allocator) {
        Frame kept = bytes().toKeep(allocator);
        return kept == bytes() ? this : new IpcSchema(kept, fields, dictionaryIds);
    }

    @Override
    public IpcSchema retain() {
        super.retain();
        return this;
    }
}
