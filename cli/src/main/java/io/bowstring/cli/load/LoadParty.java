package io.bowstring.cli.load;

import java.util.Locale;

/** The sources of a load test's results: its processes, and the topic whose publisher is killed. */
enum LoadParty {
    PUBLISHERS,
    SUBSCRIBERS,
    RESTARTED_PUBLISHER,
    RESTARTED_SUBSCRIBER,
    RESTARTED_TOPIC,
    STALLED,
    GARBAGE;

    /** Returns its name: that of the service. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
