package io.bowstring.cli;

import io.bowstring.text.ColumnType;

/**
 * A column and its type, as {@code --type} has them: {@code NAME=TYPE}. Immutable.
 *
 * @param name which may contain {@code =}; in quotes, quotes doubled, or as it is where what follows is a type
 */
record TypedColumn(String name, ColumnType type) {
    /**
     * Parses the value of the option.
     *
     * @throws IllegalArgumentException if there is no type
     */
    static TypedColumn parse(String text) {
        IllegalArgumentException reason =
                new IllegalArgumentException("'" + text + "' is not NAME=TYPE (expected: price=float64, for example)");
        for (int at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
            ColumnType type;
            try {
                type = ColumnType.parse(text.substring(at + 1));
            } catch (IllegalArgumentException e) {
                reason = e;
                continue;
            }
            return new TypedColumn(unquoted(text.substring(0, at)), type);
        }
        throw reason;
    }

    private static String unquoted(String name) {
        boolean isQuoted = name.length() > 1 && name.startsWith("\"") && name.endsWith("\"");
        return isQuoted ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
