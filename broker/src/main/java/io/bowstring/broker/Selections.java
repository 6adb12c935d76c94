package io.bowstring.broker;

import io.bowstring.codec.IpcSchema;
import io.bowstring.codec.IpcSelection;
import io.bowstring.protocol.ColumnNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The selections of columns that a topic's subscriptions have now, one object for each, so that they share what is made
 * for it. Confined to the topic's turn.
 */
final class Selections {
    private final Map<List<Integer>, Use> uses = new HashMap<>();

    /**
     * Returns the selection of some columns until {@link #leave}, or null where it is all of them as they are.
     *
     * @param columns null for all
     * @param schema the topic's; borrowed
     * @throws io.bowstring.protocol.ProtocolException {@code BAD_REQUEST} where the topic has no such columns
     */
    @Nullable
    IpcSelection attend(@Nullable ColumnNames columns, IpcSchema schema) {
        if (columns == null) {
            return null;
        }
        List<Integer> indices = columns.indices(schema.fields());
        Use use = uses.get(indices);
        if (use == null) {
            IpcSelection selection = IpcSelection.of(schema, indices);
            if (selection.isAll()) {
                return null;
            }
            use = new Use(selection);
            uses.put(indices, use);
        }
        use.count++;
        return use.selection;
    }

    /** Gives up what {@link #attend} gave. */
    void leave(@Nullable IpcSelection selection) {
        if (selection != null) {
            Use use = uses.get(selection.indices());
            if (use != null && --use.count == 0) {
                uses.remove(selection.indices());
            }
        }
    }

    int size() {
        return uses.size();
    }

    private static final class Use {
        private final IpcSelection selection;
        private int count;

        private Use(IpcSelection selection) {
            this.selection = selection;
        }
    }
}
