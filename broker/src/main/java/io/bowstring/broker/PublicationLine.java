package io.bowstring.broker;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The publications of a topic that wait for room, in the order in which they began to. Where there is room again, the
 * first appends one batch and goes to the end of the line, so that none waits for more than a batch of each. Dictionaries need
 * no room.
 *
 * <p>Confined to the topic's turn.
 */
final class PublicationLine {
    private final Set<Publication> line = new LinkedHashSet<>();

    boolean isEmpty() {
        return line.isEmpty();
    }

    /** A publication has something to append: it does so at once, unless others wait or there is no room. */
    void enter(Publication publication) {
        publication.takeDictionaries();
        while (line.isEmpty() && publication.isWaiting()) {
            if (!publication.tryAppendNext(Integer.MAX_VALUE)) {
                line.add(publication);
            }
        }
        if (publication.isWaiting()) {
            line.add(publication); // where it is not in it already
        }
        publication.tellAppended();
    }

    /** A publication is over. */
    void leave(Publication publication) {
        line.remove(publication);
    }

    /** There may be room. */
    void serve() {
        boolean hasRoom = true;
        while (hasRoom && !line.isEmpty()) {
            Publication first = line.iterator().next();
            hasRoom = serve(first);
            boolean isNextAgain = hasRoom && line.size() == 1 && line.contains(first);
            if (!isNextAgain) {
                first.tellAppended();
            }
        }
    }

    private boolean serve(Publication first) {
        if (!first.tryAppendNext(line.size() > 1 ? 1 : Integer.MAX_VALUE)) {
            return false;
        }
        line.remove(first);
        if (first.isWaiting()) {
            line.add(first);
        }
        return true;
    }
}
