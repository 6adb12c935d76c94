package io.bowstring.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Writes one JSON object per row and line, as {@link JsonValues} says. Confined to the caller's thread. */
final class JsonPrinter implements RowPrinter {
    private final JsonGenerator out;

    /** Creates a printer to {@code stream}, which is not closed. */
    JsonPrinter(OutputStream stream) throws IOException {
        this.out = JsonFactory.builder()
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(stream)
                .setRootValueSeparator(new SerializedString(""));
    }

    @Override
    public void print(VectorSchemaRoot batch, DictionaryProvider dictionaries, int rowCount) throws IOException {
        JsonValues values = new JsonValues(dictionaries);
        for (int row = 0; row < rowCount; row++) {
            out.writeStartObject();
            for (FieldVector column : batch.getFieldVectors()) {
                out.writeFieldName(column.getName());
                values.write(out, column, row);
            }
            out.writeEndObject();
            out.writeRaw('\n');
        }
        out.flush();
    }
}
