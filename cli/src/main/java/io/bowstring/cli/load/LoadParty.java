package io.bowstring.cli.load;

import java.util.Locale;

/** The processes of a load test that print what they have measured. */
enum LoadParty {
    PUBLISHERS,
    SUBSCRIBERS,
    RESTARTED_PUBLISHER,
    RESTARTED_SUBSCRIBER,
    STALLED,
    GARBAGE;

    /** Returns its name: that of the service. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
