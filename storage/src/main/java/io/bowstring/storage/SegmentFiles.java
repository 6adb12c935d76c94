package io.bowstring.storage;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of a topic's files: each begins with an offset in 20 digits, so that names sort as offsets do.
 *
 * @param directory the topic's
 */
record SegmentFiles(Path directory) {
    /** No name is longer. */
    static final int MAX_LENGTH = 48;

    private static final Pattern SEGMENT = Pattern.compile("([0-9]{20})\\.arrows");
    private static final Pattern INDEX = Pattern.compile("([0-9]{20})\\.index");
    private static final Pattern DAMAGED = Pattern.compile("([0-9]{20})\\.damaged-([0-9]{1,9})");
    private static final Pattern DAMAGED_INDEX = Pattern.compile("[0-9]{20}\\.damaged-index-[0-9]{1,9}");
    private static final Pattern CUT = Pattern.compile("([0-9]{20})\\.cut-([0-9]{1,9})");

    Path segment(long firstOffset) {
        return file(firstOffset, "arrows");
    }

    Path index(long firstOffset) {
        return file(firstOffset, "index");
    }

    /** Returns a name for a segment that is damaged. */
    Path damaged(long firstOffset, int number) {
        return file(firstOffset, "damaged-" + number);
    }

    /** Returns a name for the index of a segment that is damaged. */
    Path damagedIndex(long firstOffset, int number) {
        return file(firstOffset, "damaged-index-" + number);
    }

    /** Returns the name of the index of a segment that is damaged, by the segment's own name. */
    Path indexOfDamaged(Path damaged) {
        Matcher name = DAMAGED.matcher(damaged.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(damaged + ": no damaged segment");
        }
        return damagedIndex(Long.parseLong(name.group(1)), Integer.parseInt(name.group(2)));
    }

    /** Returns a name for bytes that are cut off where the batch with an offset should have come. */
    Path cut(long nextOffset, int number) {
        return file(nextOffset, "cut-" + number);
    }

    private Path file(long firstOffset, String extension) {
        return directory.resolve(String.format(Locale.ROOT, "%020d.%s", firstOffset, extension));
    }

    /** Returns the first offset of a segment, by the name of its file; empty where it is none. */
    static OptionalLong ofSegment(Path file) {
        return offset(SEGMENT, file);
    }

    /** Returns the first offset of a segment, by the name of its index; empty where it is none. */
    static OptionalLong ofIndex(Path file) {
        return offset(INDEX, file);
    }

    /** Returns the first offset of a segment that was damaged, by the name that it got; empty where it is none. */
    static OptionalLong ofDamaged(Path file) {
        return offset(DAMAGED, file);
    }

    /** Returns whether that is the index of a segment that was damaged. */
    static boolean isDamagedIndex(Path file) {
        return DAMAGED_INDEX.matcher(file.getFileName().toString()).matches();
    }

    /** Returns the offset of the batch that should have come, by the name of what was cut off; empty where it is no such file. */
    static OptionalLong ofCut(Path file) {
        return offset(CUT, file);
    }

    private static OptionalLong offset(Pattern pattern, Path file) {
        Matcher name = pattern.matcher(file.getFileName().toString());
        if (!name.matches()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(name.group(1)));
        } catch (NumberFormatException e) {
            return OptionalLong.empty(); // more than a long
        }
    }
}
