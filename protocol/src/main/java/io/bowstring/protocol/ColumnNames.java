package io.bowstring.protocol;

import io.bowstring.codec.IpcField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The top-level columns that a subscription wants, in the order in which it wants them. Immutable.
 *
 * <pre>
 *   symbol,px         two columns           "a,b","say ""x"""    a,b and say "x"
 *                     none: rows without columns      ""         the one whose name is empty
 * </pre>
 *
 * @param names each once; may be empty
 */
public record ColumnNames(List<String> names) {
    private static final String RULE =
            "names with commas between; one with a comma or a quote in quotes, quotes doubled";

    /**
     * Copies the names.
     *
     * @throws ProtocolException {@code BAD_REQUEST} where a name stands there twice
     */
    public ColumnNames {
        names = List.copyOf(names);
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.COLUMNS, name, "each column once");
            }
        }
    }

    /**
     * Parses the value of {@code bowstring.columns}.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public static ColumnNames parse(String text) {
        List<String> names = new ArrayList<>();
        int at = 0;
        while (at < text.length() || !names.isEmpty()) {
            int end = text.startsWith("\"", at) ? closingQuote(text, at) + 1 : endOfPlain(text, at);
            names.add(unquoted(text.substring(at, end)));
            if (end == text.length()) {
                break;
            }
            if (text.charAt(end) != ',') {
                throw wrong(text);
            }
            at = end + 1;
        }
        return new ColumnNames(names);
    }

    private static int endOfPlain(String text, int start) {
        int comma = text.indexOf(',', start);
        int end = comma < 0 ? text.length() : comma;
        int quote = text.indexOf('"', start);
        if (end == start || (quote >= 0 && quote < end)) {
            throw wrong(text);
        }
        return end;
    }

    private static int closingQuote(String text, int start) {
        int quote = text.indexOf('"', start + 1);
        while (quote >= 0 && text.startsWith("\"", quote + 1)) {
            quote = text.indexOf('"', quote + 2);
        }
        if (quote < 0) {
            throw wrong(text);
        }
        return quote;
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }

    private static ProtocolException wrong(String text) {
        return ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.COLUMNS, text, RULE);
    }

    /**
     * Finds the columns among a topic's fields.
     *
     * @return the index of each, in the order of the names
     * @throws ProtocolException {@code BAD_REQUEST} where there is no field of a name, which names the one that is most
     *     like it, or more than one
     */
    public List<Integer> indices(List<IpcField> fields) {
        Map<String, List<Integer>> byName = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            byName.computeIfAbsent(fields.get(i).name(), name -> new ArrayList<>())
                    .add(i);
        }
        List<Integer> indices = new ArrayList<>(names.size());
        for (String name : names) {
            List<Integer> found = byName.getOrDefault(name, List.of());
            if (found.size() != 1) {
                throw ProtocolException.of(
                        ErrorCode.BAD_REQUEST,
                        Keys.COLUMNS,
                        name,
                        found.isEmpty() ? hint(name, fields) : "a name that one column has, not " + found.size());
            }
            indices.add(found.get(0));
        }
        return indices;
    }

    private static String hint(String name, List<IpcField> fields) {
        if (fields.isEmpty()) {
            return "no columns, as the topic has none";
        }
        String nearest = Nearest.of(name, fields.stream().map(IpcField::name).toList());
        return "a column of the topic, such as " + ProtocolException.excerpt(nearest);
    }

    /** Returns the value on the wire. */
    @Override
    public String toString() {
        return names.stream().map(ColumnNames::quoted).collect(Collectors.joining(","));
    }

    private static String quoted(String name) {
        boolean isPlain = !name.isEmpty() && name.indexOf(',') < 0 && name.indexOf('"') < 0;
        return isPlain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
