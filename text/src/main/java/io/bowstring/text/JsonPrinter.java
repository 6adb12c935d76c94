package io.bowstring.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Writes one JSON object per row and line, as {@link JsonValues} says. Columns that cannot be read are left out.
 * Confined to the caller's thread.
 */
final class JsonPrinter implements RowPrinter {
    private final List<ShownColumns.Column> columns;
    private final JsonGenerator out;

    /** Creates a printer to {@code stream}, which is not closed. */
    JsonPrinter(OutputStream stream, ShownColumns columns) throws IOException {
        this.columns = columns.readable();
        this.out = JsonFactory.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(stream)
                .setCharacterEscapes(new HiddenEscapes())
                .setRootValueSeparator(new SerializedString(""));
    }

    @Override
    public void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException {
        JsonValues values = new JsonValues(dictionaries);
        for (int row = 0; row < rowCount; row++) {
            out.writeStartObject();
            for (ShownColumns.Column column : columns) {
                out.writeFieldName(column.name());
                values.write(out, batch.getVector(column.vector()), row);
            }
            out.writeEndObject();
            out.writeRaw('\n');
        }
        out.flush();
    }
}
