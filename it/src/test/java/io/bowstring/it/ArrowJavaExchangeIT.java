package io.bowstring.it;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From pyarrow by way of the server to arrow-java, and back again: each reads what the other has written. */
class ArrowJavaExchangeIT {
    @RegisterExtension
    static final PythonClients PYTHON = new PythonClients();

    @RegisterExtension
    static final RunningServer SERVER = new RunningServer();

    /**
     * The tables are all of {@code tables.py} but two: arrow-java knows no decimals of 32 and 64 bits, and no metadata
     * that is not text.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "primitive",
                "temporal",
                "decimals",
                "nested",
                "unions",
                "views",
                "list_views",
                "run_end_encoded",
                "extensions",
                "dictionaries",
                "dictionaries_in_dictionaries",
                "growing_dictionaries",
                "changing_dictionaries",
                "metadata",
                "no_rows",
                "no_columns",
                "empty_between",
                "sliced",
                "wide",
                "long"
            })
    void exchangesTablesWithPyarrow(String table) throws IOException {
        PYTHON.scripts().run(SERVER.port(), "exchange", "publish_for_another:_" + table);
        carry("exchange." + table, "exchange." + table + ".back");
        PYTHON.scripts().run(SERVER.port(), "exchange", "compare_what_came_back:_" + table);
    }

    private static void carry(String from, String to) throws IOException {
        try (BufferAllocator allocator = new RootAllocator();
                ArrowJavaConnection source = new ArrowJavaConnection(SERVER.port(), allocator);
                ArrowJavaConnection target = new ArrowJavaConnection(SERVER.port(), allocator);
                ArrowStreamReader reader = source.replay(from)) {
            VectorSchemaRoot read = reader.getVectorSchemaRoot();
            Map<String, String> metadata = new LinkedHashMap<>(read.getSchema().getCustomMetadata());
            metadata.keySet().removeIf(key -> key.startsWith("bowstring."));
            metadata.put("bowstring.publish", to);
            metadata.put("bowstring.ack", "true");
            VectorSchemaRoot written =
                    new VectorSchemaRoot(new Schema(read.getSchema().getFields(), metadata), read.getFieldVectors(), 0);
            ArrowStreamWriter writer = target.writer(written, reader, CodecType.NO_COMPRESSION);
            int batches = 0;
            while (reader.loadNextBatch()) {
                written.setRowCount(read.getRowCount());
                writer.writeBatch();
                batches++;
            }
            target.finish(writer, batches);
        }
    }
}
