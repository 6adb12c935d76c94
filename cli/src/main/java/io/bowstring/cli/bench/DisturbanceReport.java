package io.bowstring.cli.bench;

import java.util.StringJoiner;

/** Says what a disturbance was. Not instantiable. */
public final class DisturbanceReport {
    private DisturbanceReport() {}

    /** Returns it for people. */
    public static String text(Disturbers disturbers, Disturbance disturbance) {
        StringJoiner text = new StringJoiner(", ");
        if (disturbers.stalled() > 0) {
            text.add(disturbance.stalledSubscriptions() + " subscriptions that took nothing");
        }
        if (disturbers.garbage() > 0) {
            text.add(disturbance.garbageConnections() + " connections that sent no Arrow");
        }
        return text.toString();
    }

    /** Returns it as one JSON object in one line. */
    public static String json(Disturbers disturbers, Disturbance disturbance) {
        return "{\"stalled\": " + disturbers.stalled() + ", \"stalled_subscriptions\": "
                + disturbance.stalledSubscriptions() + ", \"garbage\": " + disturbers.garbage()
                + ", \"garbage_connections\": " + disturbance.garbageConnections() + "}";
    }
}
