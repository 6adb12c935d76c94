package io.bowstring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.codec.IpcDictionaryEncoding;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcRecordBatch;
import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcType;
import io.bowstring.codec.IpcTypeId;
import io.bowstring.codec.PlainBatch;
import io.bowstring.text.ShownColumns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Columns that arrow-java does not have, and names that occur twice, against a server in this JVM. */
@Timeout(60)
class ShownColumnsTest {
    private static final IpcField NUMBER = IpcField.of("n", false, IpcType.INT64);
    private static final IpcField PRICE = IpcField.of("price", false, IpcType.of(IpcTypeId.DECIMAL, 9, 2, 32));

    @RegisterExtension
    static final CommandServer server = new CommandServer();

    private static Command run(byte[] in, String line) {
        return server.run(in, line.split(" "));
    }

    private static void publish(String topic, List<IpcField> fields, ByteBuf... columns) {
        List<PlainBatch.Node> nodes = new ArrayList<>();
        List<ByteBuf> buffers = new ArrayList<>();
        for (ByteBuf column : columns) {
            nodes.add(new PlainBatch.Node(2, 0));
            buffers.addAll(List.of(Unpooled.EMPTY_BUFFER, column));
        }
        IpcSchema schema = IpcSchema.of(fields, Map.of(), ByteBufAllocator.DEFAULT);
        IpcRecordBatch batch = PlainBatch.of(2, nodes, buffers, ByteBufAllocator.DEFAULT);
        assertThat(run(Streams.of(schema, batch), "publish " + topic + " --ack --seal")
                        .err())
                .startsWith("published");
    }

    private static Command show(String topic, String format) {
        return run(new byte[0], "subscribe " + topic + " --from earliest --format " + format);
    }

    private static ByteBuf longs(long... values) {
        ByteBuf data = Unpooled.buffer();
        for (long value : values) {
            data.writeLongLE(value);
        }
        return data;
    }

    @Test
    void givesEachColumnANameOfItsOwn() {
        List<String> names = List.of("a", "a", "b", "a#2", "a", "", "");

        assertThat(ShownColumns.of(names, Set.of(2)).all())
                .extracting(ShownColumns.Column::name)
                .containsExactly("a", "a#2#2", "b", "a#2", "a#5", "", "#7");
        assertThat(ShownColumns.of(names, Set.of(2)).all())
                .extracting(ShownColumns.Column::vector)
                .containsExactly(0, 1, -1, 2, 3, 4, 5);
    }

    @Test
    void marksTheColumnThatCannotBeReadAndShowsTheOthers() {
        IpcField none = IpcField.of("none\u001b", false, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0));
        publish("marked", List.of(none, NUMBER), Unpooled.EMPTY_BUFFER, longs(7, 8));

        Command table = show("marked", "table");

        assertThat(table.exitCode()).isZero();
        assertThat(table.text()).isEqualTo("none·  n\n─────  ─\n?      7\n?      8\n");
        assertThat(table.err())
                .startsWith("bowstring: warning: column none· cannot be shown: field: none·: fixed_size_binary[0]")
                .hasLineCount(1);
        assertThat(show("marked", "json").text()).isEqualTo("{\"n\":7}\n{\"n\":8}\n");
        assertThat(show("marked", "csv").text()).isEqualTo("n\n7\n8\n");
    }

    @Test
    void leavesOutTheDictionaryOfAColumnThatCannotBeRead() {
        IpcDictionaryEncoding encoding = new IpcDictionaryEncoding(0, IpcType.INT32, false);
        IpcField none = new IpcField("none", false, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0), encoding, List.of());
        IpcSchema schema = IpcSchema.of(List.of(none, NUMBER), Map.of(), ByteBufAllocator.DEFAULT);
        ByteBuf indices = Unpooled.buffer().writeLongLE(0);
        IpcRecordBatch batch = PlainBatch.of(
                2,
                Collections.nCopies(2, new PlainBatch.Node(2, 0)),
                List.of(Unpooled.EMPTY_BUFFER, indices, Unpooled.EMPTY_BUFFER, longs(7, 8)),
                ByteBufAllocator.DEFAULT);
        byte[] stream = Streams.of(schema, Streams.emptyDictionary(0, 1), batch);
        assertThat(run(stream, "publish encoded --ack --seal").err()).startsWith("published");

        assertThat(show("encoded", "json").text()).isEqualTo("{\"n\":7}\n{\"n\":8}\n");
    }

    @Test
    void warnsOfFiveColumnsAndCountsTheRest() {
        IpcField none = IpcField.of("none", false, IpcType.of(IpcTypeId.FIXED_SIZE_BINARY, 0));
        ByteBuf[] columns = Collections.nCopies(9, Unpooled.EMPTY_BUFFER).toArray(ByteBuf[]::new);
        publish("many", Collections.nCopies(9, none), columns);

        assertThat(show("many", "table").err())
                .hasLineCount(6)
                .endsWith("bowstring: warning: 4 more columns cannot be shown\n");
        assertThat(show("many", "csv").err()).contains("no columns (expected: at least one");
    }

    @Test
    void showsDecimalsOf32Bits() {
        ByteBuf prices = Unpooled.buffer().writeIntLE(1234).writeIntLE(-5);
        publish("narrow", List.of(PRICE), prices);

        assertThat(show("narrow", "table").text()).isEqualTo("price\n─────\n12.34\n-0.05\n");
        assertThat(show("narrow", "json").text()).isEqualTo("{\"price\":12.34}\n{\"price\":-0.05}\n");
    }

    @Test
    void tellsColumnsOfOneNameApartAndChoosesThemByPosition() {
        publish("twice", List.of(NUMBER, NUMBER), longs(1, 2), longs(3, 4));

        Command json = show("twice", "json");

        assertThat(json.text()).isEqualTo("{\"n\":1,\"n#2\":3}\n{\"n\":2,\"n#2\":4}\n");
        assertThat(show("twice", "csv").text()).isEqualTo("n,n#2\n1,3\n2,4\n");
        assertThat(show("twice", "csv --columns #2").text()).isEqualTo("n\n3\n4\n");
        assertThat(show("twice", "csv --columns n#2,#1").text()).isEqualTo("n,n#2\n3,1\n4,2\n");
        Command again = run(json.text().getBytes(StandardCharsets.UTF_8), "publish again --input-format json --ack");
        assertThat(again.exitCode()).isZero();
        assertThat(run(new byte[0], "subscribe again --from earliest --until end --format json")
                        .text())
                .isEqualTo(json.text());
    }
}
