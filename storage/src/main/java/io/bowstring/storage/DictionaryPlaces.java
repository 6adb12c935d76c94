package io.bowstring.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where in a segment the dictionary batches stand that are in force: of each id the last whole one and what has been appended
 * to it, ids in the order in which each first came. Confined to one thread.
 */
final class DictionaryPlaces {
    /**
     * Where a dictionary batch stands.
     *
     * @param position of its frame in the file
     * @param bytes of its frame
     * @param range in which that is
     */
    record Place(long position, int bytes, int range) {}

    private final StoredSegment segment;
    private final Map<Long, List<Place>> places = new LinkedHashMap<>();

    /** Creates places of none, in a segment that has a reader as long as they are used. */
    DictionaryPlaces(StoredSegment segment) {
        this.segment = segment;
    }

    /** Puts a dictionary batch in force: all that its dictionary has, or what is appended to it. */
    void add(long id, boolean isDelta, Place place) {
        List<Place> ofId = places.computeIfAbsent(id, first -> new ArrayList<>());
        if (!isDelta) {
            ofId.clear();
        }
        ofId.add(place);
    }

    /**
     * Returns the batches, in their order, that bring a stream to these dictionaries.
     *
     * @param seen those that are in force in the stream; null for none
     */
    List<Place> after(@Nullable DictionaryPlaces seen) throws IOException {
        List<Place> missing = new ArrayList<>();
        for (Map.Entry<Long, List<Place>> entry : places.entrySet()) {
            List<Place> own = entry.getValue();
            List<Place> theirs = seen == null ? List.of() : seen.places.getOrDefault(entry.getKey(), List.of());
            boolean isContinued = seen != null && isPrefix(theirs, seen.segment, own);
            missing.addAll(isContinued ? own.subList(theirs.size(), own.size()) : own);
        }
        return missing;
    }

    private boolean isPrefix(List<Place> theirs, StoredSegment theirSegment, List<Place> own) throws IOException {
        if (theirs.size() > own.size()) {
            return false;
        }
        for (int i = 0; i < theirs.size(); i++) {
            Place their = theirs.get(i);
            Place mine = own.get(i);
            if (their.bytes != mine.bytes || !segment.isSame(mine.position, theirSegment, their.position, mine.bytes)) {
                return false;
            }
        }
        return true;
    }
}
