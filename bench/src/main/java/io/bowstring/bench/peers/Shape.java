package io.bowstring.bench.peers;

/**
 * How many publishers send bodies of what length to how many subscribers of how many topics. Immutable.
 *
 * @param bodyBytes length of a body, see {@link io.bowstring.bench.Streams#batch}
 * @param topics how many there are
 * @param publishers of each topic
 * @param subscribers of each topic; each gets all of its batches
 */
record Shape(int bodyBytes, int topics, int publishers, int subscribers) {
    /** One topic with one publisher. */
    static Shape of(int bodyBytes, int subscribers) {
        return new Shape(bodyBytes, 1, 1, subscribers);
    }

    /** Returns it in words. */
    String text() {
        return Sizes.text(bodyBytes) + ", topics: " + topics + ", publishers: " + allPublishers() + ", subscribers: "
                + allSubscribers();
    }

    /** Returns how many publish. */
    int allPublishers() {
        return topics * publishers;
    }

    /** Returns how many receive. */
    int allSubscribers() {
        return topics * subscribers;
    }
}
