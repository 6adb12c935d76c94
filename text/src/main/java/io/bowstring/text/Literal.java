package io.bowstring.text;

import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * A value that is not nested. Immutable.
 *
 * @param kind what the file itself says about its type
 * @param text without quotes and escapes
 */
record Literal(Kind kind, String text) implements TextValue {
    /** What can be told without a schema. */
    enum Kind {
        /** A field of a CSV file, which may be anything. */
        FIELD,
        NUMBER,
        STRING,
        TRUTH
    }

    /**
     * Returns whether this is {@code ""} of a CSV file: an empty text, but in a column of another type no value, for
     * there are those who quote everything.
     */
    boolean isBlank() {
        return kind == Kind.FIELD && text.isEmpty();
    }

    /** Returns whether a value of this kind can be of a type: JSON has no numbers for those that are not finite. */
    boolean canBe(ArrowType type) {
        return switch (kind) {
            case FIELD -> true;
            case TRUTH -> type instanceof ArrowType.Bool;
            case NUMBER -> Scalars.isNumeric(type);
            case STRING -> {
                boolean isFloat = type instanceof ArrowType.FloatingPoint;
                yield isFloat ? isNotFinite() : !Scalars.isNumeric(type) && !(type instanceof ArrowType.Bool);
            }
        };
    }

    private boolean isNotFinite() {
        return text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity");
    }

    /** Returns whether a text can be written as UTF-8: whether each half of a surrogate pair has its other half. */
    static boolean isUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
                if (!isPair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
