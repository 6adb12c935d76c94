package io.bowstring.protocol;

import io.bowstring.codec.IpcField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The top-level columns that a subscription wants, in the order in which it wants them. Immutable.
 *
 * <pre>
 *   symbol,px         two columns           "a,b","say ""x"""    a,b and say "x"
 *                     none: rows without columns      ""         the one whose name is empty
 *   #2                the second column               px#2       the second column, which is called px
 * </pre>
 *
 * <p>A position, from 1 on, is for columns that share their name with others. It counts where no column has that name.
 *
 * <p>Held as the one text that it is on the wire, since a subscription may wait with it for a long time.
 */
public final class ColumnNames {
    private static final String RULE =
            "names with commas between; one with a comma or a quote in quotes, quotes doubled";

    private static final Pattern POSITION = Pattern.compile("(.*)#([1-9][0-9]{0,8})", Pattern.DOTALL);

    private final String text;

    /**
     * Copies the names.
     *
     * @param names each once; may be empty
     * @throws ProtocolException {@code BAD_REQUEST} where a name stands there twice
     */
    public ColumnNames(List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw refused(name, "each column once");
            }
        }
        this.text = names.stream().map(ColumnNames::quoted).collect(Collectors.joining(","));
    }

    /**
     * Parses the value of {@code bowstring.columns}.
     *
     * @throws ProtocolException {@code BAD_REQUEST}
     */
    public static ColumnNames parse(String text) {
        return new ColumnNames(split(text));
    }

    private static List<String> split(String text) {
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
        return names;
    }

    /** Returns the names, in their order; a new list each time. */
    public List<String> names() {
        return split(text);
    }

    /** Returns how many names there are. */
    public int count() {
        int count = text.isEmpty() ? 0 : 1;
        boolean isQuoted = false;
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            isQuoted ^= next == '"';
            if (next == ',' && !isQuoted) {
                count++;
            }
        }
        return count;
    }

    private static int endOfPlain(String text, int start) {
        int comma = text.indexOf(',', start);
        int end = comma < 0 ? text.length() : comma;
        if (end == start || text.substring(start, end).indexOf('"') >= 0) {
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
        return refused(text, RULE);
    }

    /**
     * Finds the columns among a topic's fields.
     *
     * @return the index of each, in the order of the names
     * @throws ProtocolException {@code BAD_REQUEST} where there is no field of a name, and names one like it or else
     *     the first, where there is more than one, or where two names mean one field
     */
    public List<Integer> indices(List<IpcField> fields) {
        Map<String, List<Integer>> byName = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            byName.computeIfAbsent(fields.get(i).name(), name -> new ArrayList<>())
                    .add(i);
        }
        Set<Integer> indices = new LinkedHashSet<>();
        for (String name : names()) {
            if (!indices.add(index(name, byName.getOrDefault(name, List.of()), fields))) {
                throw refused(name, "each column once");
            }
        }
        return List.copyOf(indices);
    }

    /** Returns the index of a column, {@code found} by its name or else at the position that it says. */
    private static int index(String name, List<Integer> found, List<IpcField> fields) {
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.size() > 1) {
            throw refused(
                    name,
                    "#" + (found.get(0) + 1) + " or #" + (found.get(1) + 1) + ": the name of " + found.size()
                            + " columns");
        }
        Matcher position = POSITION.matcher(name);
        int index = position.matches() ? Integer.parseInt(position.group(2)) - 1 : fields.size();
        boolean isThere = index < fields.size()
                && (position.group(1).isEmpty()
                        || position.group(1).equals(fields.get(index).name()));
        if (!isThere) {
            throw refused(name, hint(position.matches() ? position.group(1) : name, fields));
        }
        return index;
    }

    private static ProtocolException refused(String name, String rule) {
        return ProtocolException.of(ErrorCode.BAD_REQUEST, Keys.COLUMNS, name, rule);
    }

    private static String hint(String name, List<IpcField> fields) {
        if (fields.isEmpty()) {
            return "no columns, as the topic has none";
        }
        String nearest = Nearest.of(name, fields.stream().map(IpcField::name).toList());
        String example = nearest == null ? fields.get(0).name() : nearest;
        return "a column of the topic, such as " + ProtocolException.excerpt(example);
    }

    /** Returns the value on the wire. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ColumnNames that && that.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    private static String quoted(String name) {
        boolean isPlain = !name.isEmpty() && name.indexOf(',') < 0 && name.indexOf('"') < 0;
        return isPlain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
