package io.bowstring.cli.load;

import java.util.Locale;

/** Who says something of a load test: its processes, and the server of the topic whose publisher is killed. */
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
