package io.bowstring.text;

import io.bowstring.text.Literal.Kind;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.Types;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * What the type of some values may be, those of a column or those at one place inside of its values: each value leaves the
 * types that can hold it. Confined to the caller's thread.
 */
final class TypeGuess {
    /** The types of values that are not nested, what says most first: of those that all values have, it is the first. */
    private enum Candidate {
        BOOL("bool"),
        INT64("int64"),
        UINT64("uint64"),
        FLOAT64("float64"),
        DECIMAL("decimal"),
        DATE("date32"),
        MICROS("timestamp[us]"),
        NANOS("timestamp[ns]"),
        UTC_MICROS("timestamp[us, UTC]"),
        UTC_NANOS("timestamp[ns, UTC]"),
        UTF8("utf8");

        private final String text;

        Candidate(String text) {
            this.text = text;
        }

        /** Returns whether values of a kind can be of this type at all. */
        boolean isOf(Literal literal) {
            // A field of CSV that a float would round is text: it may be a name.
            return this == DECIMAL ? literal.kind() == Kind.NUMBER : literal.canBe(type());
        }

        private ArrowType type() {
            return switch (this) {
                case BOOL -> Types.MinorType.BIT.getType();
                case INT64 -> Types.MinorType.BIGINT.getType();
                case UINT64 -> Types.MinorType.UINT8.getType();
                case FLOAT64, DECIMAL -> Types.MinorType.FLOAT8.getType();
                case DATE -> Types.MinorType.DATEDAY.getType();
                case MICROS -> Types.MinorType.TIMESTAMPMICRO.getType();
                case NANOS -> Types.MinorType.TIMESTAMPNANO.getType();
                case UTC_MICROS -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");
                case UTC_NANOS -> new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC");
                case UTF8 -> Types.MinorType.VARCHAR.getType();
            };
        }

        boolean accepts(Literal literal) {
            if (literal.isBlank()) {
                return true;
            }
            return isOf(literal)
                    && (this == DECIMAL
                            ? NumberText.parseDecimal(literal.text()) != null
                            : ScalarText.parse(type(), literal.text()) != null);
        }
    }

    private enum Shape {
        UNKNOWN,
        LITERAL,
        LIST,
        STRUCT
    }

    private final Set<Candidate> candidates = EnumSet.allOf(Candidate.class);
    private final DecimalDigits digits = new DecimalDigits();
    private Shape shape = Shape.UNKNOWN;
    private final Map<String, TypeGuess> members = new LinkedHashMap<>();
    private @Nullable TypeGuess element;

    /**
     * Takes a value into account.
     *
     * @param value null for no value
     * @return false where no type can hold it and the values before it
     */
    boolean add(@Nullable TextValue value) {
        if (value == null) {
            return true;
        }
        Shape own = shapeOf(value);
        if (shape != Shape.UNKNOWN && shape != own) {
            return false;
        }
        shape = own;
        if (value instanceof TextValue.Elements list) {
            TypeGuess guess = element == null ? new TypeGuess() : element;
            element = guess;
            return list.values().stream().allMatch(guess::add);
        }
        if (value instanceof TextValue.Entries object) {
            return object.values().entrySet().stream()
                    .allMatch(entry -> members.computeIfAbsent(entry.getKey(), key -> new TypeGuess())
                            .add(entry.getValue()));
        }
        return addLiteral((Literal) value);
    }

    private static Shape shapeOf(TextValue value) {
        if (value instanceof TextValue.Elements) {
            return Shape.LIST;
        }
        return value instanceof TextValue.Entries ? Shape.STRUCT : Shape.LITERAL;
    }

    private boolean addLiteral(Literal literal) {
        boolean fitsDecimal = literal.kind() != Kind.NUMBER || digits.add(literal.text());
        Set<Candidate> left = EnumSet.copyOf(candidates);
        left.removeIf(type -> !type.accepts(literal) || (type == Candidate.DECIMAL && !fitsDecimal));
        if (left.isEmpty()) {
            return false;
        }
        candidates.retainAll(left);
        return true;
    }

    /** Returns the types that the values can have, those of the value's kind where there are any. */
    String describe(TextValue value) {
        if (shape == Shape.LIST || shape == Shape.STRUCT) {
            return shape == shapeOf(value) ? "values of one type at each place" : type();
        }
        if (!(value instanceof Literal literal)) {
            return types(candidates);
        }
        Set<Candidate> ofKind = EnumSet.copyOf(candidates);
        ofKind.removeIf(type -> !type.isOf(literal));
        return types(ofKind.isEmpty() ? candidates : ofKind);
    }

    private static String types(Set<Candidate> types) {
        return types.stream().map(type -> type.text).collect(Collectors.joining(" or "));
    }

    /** Returns the type as users write it: text where there is no value. */
    String type() {
        return switch (shape) {
            case UNKNOWN -> Candidate.UTF8.text;
            case LIST -> "list<" + (element == null ? Candidate.UTF8.text : element.type()) + ">";
            case STRUCT ->
                members.entrySet().stream()
                        .map(member -> '"' + member.getKey().replace("\"", "\"\"") + "\": "
                                + member.getValue().type())
                        .collect(Collectors.joining(", ", "struct<", ">"));
            case LITERAL -> {
                boolean isBlank = candidates.size() == Candidate.values().length;
                Candidate first =
                        isBlank ? Candidate.UTF8 : candidates.iterator().next();
                yield first == Candidate.DECIMAL ? digits.type() : first.text;
            }
        };
    }
}
