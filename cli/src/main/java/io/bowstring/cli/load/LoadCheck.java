package io.bowstring.cli.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that must be so after a load. Immutable.
 *
 * @param what for people
 * @param isMet whether it is so
 */
public record LoadCheck(String what, String expected, String found, boolean isMet) {
    private static final String NOTHING = "nothing";

    /** Each connection at a time must have sent every kind of garbage more than once. */
    private static final int MIN_GARBAGE_CONNECTIONS = 12;

    /** Returns all, in the order in which people want to know. */
    public static List<LoadCheck> of(LoadResults results) {
        List<LoadCheck> checks = new ArrayList<>();
        checks.add(new LoadCheck(
                "every process",
                "ends in order",
                results.failures().isEmpty() ? "so it is" : String.join("; ", results.failures()),
                results.failures().isEmpty()));
        checks.add(faults(results, LoadParty.SUBSCRIBERS, "each subscriber"));
        checks.add(delivered(results));
        checks.add(faults(results, LoadParty.RESTARTED_SUBSCRIBER, "the subscriber whose publisher is killed"));
        checks.add(deliveredAfterRestart(results));
        if (results.count(LoadSetting.STALLED) > 0) {
            checks.add(atLeast(results, LoadParty.STALLED, "stalled_subscriptions", 1.0, "subscriptions that stall"));
        }
        if (results.count(LoadSetting.GARBAGE) > 0) {
            double least = (double) MIN_GARBAGE_CONNECTIONS * results.count(LoadSetting.GARBAGE);
            checks.add(atLeast(
                    results,
                    LoadParty.GARBAGE,
                    "garbage_connections",
                    least,
                    "connections with garbage that were ended"));
        }
        Double minRate = results.number(LoadSetting.MIN_BATCHES_PER_S);
        if (minRate != null) {
            checks.add(atLeast(results, LoadParty.SUBSCRIBERS, "batches_per_s", minRate, "batches per second"));
        }
        addLatency(checks, results, LoadSetting.MAX_P50_MS, "p50");
        addLatency(checks, results, LoadSetting.MAX_P99_MS, "p99");
        addLatency(checks, results, LoadSetting.MAX_MS, "max");
        return checks;
    }

    private static LoadCheck faults(LoadResults results, LoadParty party, String who) {
        String what = who + ": lost, repeated, reordered";
        JsonNode result = results.result(party);
        if (result == null) {
            return new LoadCheck(what, "0, 0, 0", NOTHING, false);
        }
        String found =
                result.path("lost").asLong(-1) + ", " + result.path("repeated").asLong(-1) + ", "
                        + result.path("reordered").asLong(-1);
        return new LoadCheck(what, "0, 0, 0", found, found.equals("0, 0, 0"));
    }

    /** No number is missing between two that came; that the first and the last have come only this shows. */
    private static LoadCheck delivered(LoadResults results) {
        String what = "batches received by all subscribers";
        long topics = results.count(LoadSetting.TOPICS);
        long subscribers = results.count(LoadSetting.SUBSCRIBERS);
        if (topics < 1 || subscribers % topics != 0) {
            throw new LoadException(LoadSetting.SUBSCRIBERS.key() + ": " + subscribers + " (expected: a multiple of "
                    + LoadSetting.TOPICS.key() + ", " + topics + ")");
        }
        Long published = number(results, LoadParty.PUBLISHERS, "published_batches");
        Long received = number(results, LoadParty.SUBSCRIBERS, "received_batches");
        if (published == null || received == null) {
            return new LoadCheck(what, "as many as published", NOTHING, false);
        }
        long expected = published * (subscribers / topics);
        return new LoadCheck(what, Long.toString(expected), received.toString(), received == expected);
    }

    /** The server alone knows how many batches the killed publisher had published. */
    private static LoadCheck deliveredAfterRestart(LoadResults results) {
        String what = "batches received of the publisher that is killed and started again";
        Long last = number(results, LoadParty.RESTARTED_PUBLISHER, "published_batches");
        Long published = number(results, LoadParty.RESTARTED_TOPIC, "batches");
        Long received = number(results, LoadParty.RESTARTED_SUBSCRIBER, "received_batches");
        return last == null || published == null || received == null
                ? new LoadCheck(what, "all of both its lives", NOTHING, false)
                : new LoadCheck(
                        what,
                        published + ", more than the " + last + " of its last life",
                        received.toString(),
                        received.equals(published) && received > last);
    }

    private static @Nullable Long number(LoadResults results, LoadParty party, String field) {
        JsonNode result = results.result(party);
        JsonNode number = result == null ? null : result.get(field);
        return number == null || !number.isNumber() ? null : number.asLong();
    }

    private static LoadCheck atLeast(LoadResults results, LoadParty party, String field, Double least, String what) {
        JsonNode result = results.result(party);
        JsonNode number = result == null ? null : result.get(field);
        String expected = "at least " + text(least);
        return number == null || !number.isNumber()
                ? new LoadCheck(what, expected, NOTHING, false)
                : new LoadCheck(what, expected, text(number.asDouble()), number.asDouble() >= least);
    }

    private static void addLatency(
            List<LoadCheck> checks, LoadResults results, LoadSetting threshold, String percentile) {
        Double most = results.number(threshold);
        if (most == null) {
            return;
        }
        JsonNode result = results.result(LoadParty.SUBSCRIBERS);
        JsonNode micros = result == null ? null : result.path("latency_us").get(percentile);
        String what = "latency, " + percentile + ", in ms";
        String expected = "at most " + text(most);
        if (micros == null || !micros.isNumber()) {
            checks.add(new LoadCheck(what, expected, NOTHING, false));
            return;
        }
        double millis = micros.asDouble() / LatencyChart.MICROS_PER_MILLI;
        checks.add(new LoadCheck(what, expected, text(millis), millis <= most));
    }

    /** Returns a number with about three digits. */
    static String text(double number) {
        int decimals = number == Math.rint(number) || number >= 100 ? 0 : number >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", number);
    }
}
