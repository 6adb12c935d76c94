package io.bowstring.text;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value other than null, as a text file has it. Immutable. */
sealed interface TextValue permits Literal, TextValue.Elements, TextValue.Entries {
    /** Returns the value as text: a literal without quotes and escapes, anything else as JSON. */
    String text();

    /** Returns how long it is, about. */
    default long chars() {
        return text().length();
    }

    /**
     * The elements of an array.
     *
     * @param values null for no value
     */
    record Elements(List<@Nullable TextValue> values) implements TextValue {
        @Override
        public String text() {
            return JsonText.write(this);
        }

        @Override
        public long chars() {
            return Row.chars(values);
        }
    }

    /**
     * The entries of an object.
     *
     * @param values by their keys, in order; null for no value
     */
    record Entries(Map<String, @Nullable TextValue> values) implements TextValue {
        @Override
        public String text() {
            return JsonText.write(this);
        }

        @Override
        public long chars() {
            return Row.chars(values.values());
        }
    }
}
