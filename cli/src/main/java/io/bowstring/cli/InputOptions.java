package io.bowstring.cli;

import io.bowstring.text.ColumnType;
import io.bowstring.text.RowConfig;
import io.bowstring.text.TextFormat;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say what the files of {@code bowstring publish} are. Confined to the main thread. */
final class InputOptions {
    /** The name of standard input on the command line. */
    static final String STANDARD_INPUT = "-";

    @Option(
            names = "--input-format",
            paramLabel = "arrow|csv|tsv|json",
            description =
                    "What the files are (default: by their names; arrow on standard input). csv and tsv begin with a"
                            + " line of names, json is an object for each row.")
    private @Nullable InputFormat format;

    @Option(
            names = "--batch-rows",
            paramLabel = "N",
            description = "Rows of a batch, at most, of csv, tsv and json (default: ${DEFAULT-VALUE}). The types of the"
                    + " columns are those of the first batch.",
            defaultValue = "10000")
    private int batchRows = 10_000;

    @Option(
            names = "--type",
            paramLabel = "NAME=TYPE",
            description =
                    "The type of a column of csv, tsv and json, whatever its values look like: int32, utf8, list<float32>,"
                            + " timestamp[us, UTC] and the others of docs/reference/text.md. May be given for each column.")
    private List<TypedColumn> types = List.of();

    /** Throws what is wrong with them. */
    void requireUsage(CommandLine command) {
        if (batchRows < 1) {
            throw new ParameterException(command, "--batch-rows: " + batchRows + " (expected: at least 1)");
        }
    }

    /**
     * Opens a file.
     *
     * @param in standard input, which {@link #STANDARD_INPUT} stands for
     * @throws CommandException if it cannot be opened, or is not in its format
     */
    MessageInput open(String file, InputStream in) {
        boolean isInput = file.equals(STANDARD_INPUT);
        TextFormat text = (format == null ? InputFormat.of(file) : format).text();
        if (text == null) {
            return isInput ? new StreamSource(name(file), channel(in)) : MessageInput.open(Path.of(file));
        }
        RowConfig config = new RowConfig(text, batchRows, typesByName());
        return isInput ? TextSource.open(name(file), in, config) : TextSource.open(Path.of(file), config);
    }

    private Map<String, ColumnType> typesByName() {
        Map<String, ColumnType> byName = new LinkedHashMap<>();
        types.forEach(column -> byName.put(column.name(), column.type()));
        return byName;
    }

    private static ReadableByteChannel channel(InputStream in) {
        return in instanceof StoppableInput stoppable ? stoppable.asChannel() : Channels.newChannel(in);
    }

    /** Returns what a file is called in messages to the user. */
    static String name(String file) {
        return file.equals(STANDARD_INPUT) ? "standard input" : file;
    }
}
