package io.bowstring.it;

/**
 * What a server uses after a collection.
 *
 * @param connections that are open
 * @param heapKiB of objects
 * @param directKiB of buffers, those kept for later included
 */
record ServerUse(long connections, long heapKiB, long directKiB) {
    /** Reads what {@link #toLine} has written. */
    static ServerUse parse(String line) {
        String[] numbers = line.split(" ");
        return new ServerUse(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
    }

    String toLine() {
        return connections + " " + heapKiB + " " + directKiB;
    }

    /** Returns whether there are more connections, or so much more memory. */
    boolean isAbove(ServerUse other, long moreHeapKiB, long moreDirectKiB) {
        return connections > other.connections
                || heapKiB > other.heapKiB + moreHeapKiB
                || directKiB > other.directKiB + moreDirectKiB;
    }

    @Override
    public String toString() {
        return "%,d connections, %,d KiB of heap, %,d KiB of direct memory".formatted(connections, heapKiB, directKiB);
    }
}
