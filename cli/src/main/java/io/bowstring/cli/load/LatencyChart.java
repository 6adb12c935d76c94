package io.bowstring.cli.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Draws how long batches took as an SVG: a bar for each percentile on a scale of powers of ten, and a line over it where the
 * scenario has a threshold. Not instantiable.
 *
 * <pre>
 *   1000 ms ┤
 *    100 ms ┤                  ─── ▒▒▒
 *     10 ms ┤           ▒▒▒ ▒▒▒ ▒▒▒
 *      1 ms ┤  ─▒▒▒ ▒▒▒ ▒▒▒ ▒▒▒ ▒▒▒
 *             p50 p90 p99 p99.9 max
 * </pre>
 */
public final class LatencyChart {
    static final double MICROS_PER_MILLI = 1e3;

    private static final List<String> PERCENTILES = List.of("p50", "p90", "p99", "p99_9", "max");
    private static final int WIDTH = 640;
    private static final int HEIGHT = 320;
    private static final int LEFT = 80;
    private static final int TOP = 50;
    private static final int BOTTOM = 280;
    private static final int STRIDE = 110;
    private static final int BAR_WIDTH = 70;

    /** The scale: 0.01 ms to 10 s. */
    private static final int MIN_POWER = -2;

    private static final int MAX_POWER = 4;

    private LatencyChart() {}

    /** Returns the picture. */
    public static String of(LoadResults results) {
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$d\" height=\"%2$d\" viewBox=\"0 0 %1$d %2$d\""
                                + " font-family=\"sans-serif\" font-size=\"13\">",
                        WIDTH,
                        HEIGHT));
        add(svg, String.format(Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT));
        add(
                svg,
                String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"25\" font-size=\"16\">Latency from when a batch was due, in ms</text>",
                        LEFT));
        for (int power = MIN_POWER; power <= MAX_POWER; power++) {
            double millis = Math.pow(10, power);
            add(
                    svg,
                    String.format(
                            Locale.ROOT,
                            "<line x1=\"%d\" x2=\"%d\" y1=\"%3$.1f\" y2=\"%3$.1f\" stroke=\"#ddd\"/>",
                            LEFT,
                            WIDTH,
                            y(millis)));
            add(
                    svg,
                    String.format(
                            Locale.ROOT,
                            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                            LEFT - 8,
                            y(millis) + 4,
                            LoadCheck.text(millis)));
        }
        JsonNode result = results.result(LoadParty.SUBSCRIBERS);
        for (String percentile : PERCENTILES) {
            bar(
                    svg,
                    percentile,
                    result == null ? null : result.path("latency_us").get(percentile));
        }
        threshold(svg, "p50", results.number(LoadSetting.MAX_P50_MS));
        threshold(svg, "p99", results.number(LoadSetting.MAX_P99_MS));
        threshold(svg, "max", results.number(LoadSetting.MAX_MS));
        return svg.append("</svg>\n").toString();
    }

    private static void bar(StringBuilder svg, String percentile, @Nullable JsonNode micros) {
        int x = x(percentile);
        add(
                svg,
                String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                        x + BAR_WIDTH / 2,
                        BOTTOM + 20,
                        percentile.replace('_', '.')));
        if (micros == null || !micros.isNumber()) {
            return;
        }
        double millis = micros.asDouble() / MICROS_PER_MILLI;
        double top = y(millis);
        add(
                svg,
                String.format(
                        Locale.ROOT,
                        "<rect class=\"bar\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"#4477aa\"/>",
                        x,
                        top,
                        BAR_WIDTH,
                        BOTTOM - top));
        add(
                svg,
                String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">%s</text>",
                        x + BAR_WIDTH / 2,
                        top - 5,
                        LoadCheck.text(millis)));
    }

    private static void threshold(StringBuilder svg, String percentile, @Nullable Double millis) {
        if (millis != null) {
            int x = x(percentile) - 10;
            add(
                    svg,
                    String.format(
                            Locale.ROOT,
                            "<line class=\"threshold\" x1=\"%d\" x2=\"%d\" y1=\"%3$.1f\" y2=\"%3$.1f\" stroke=\"#cc3311\""
                                    + " stroke-width=\"2\"/>",
                            x,
                            x + BAR_WIDTH + 20,
                            y(millis)));
        }
    }

    private static int x(String percentile) {
        return LEFT + 20 + PERCENTILES.indexOf(percentile) * STRIDE;
    }

    private static double y(double millis) {
        double power = Math.min(MAX_POWER, Math.max(MIN_POWER, Math.log10(Math.max(millis, Double.MIN_NORMAL))));
        return BOTTOM - (power - MIN_POWER) / (MAX_POWER - MIN_POWER) * (BOTTOM - TOP);
    }

    private static void add(StringBuilder svg, String element) {
        svg.append(element).append('\n');
    }
}
