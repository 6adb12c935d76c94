package io.bowstring.bench.peers;

import java.awt.Color;
import java.awt.Dimension;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;

/** A report as SVG pictures, drawn without a display. */
final class Plots {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 360;

    private final Report report;
    private final Path folder;
    private final Set<String> names = new LinkedHashSet<>();

    private Plots(Report report, Path folder) {
        this.report = report;
        this.folder = folder;
    }

    /** Writes one picture for each part that was measured into a folder, and returns their names. */
    static Set<String> write(Report report, Path folder) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Plots plots = new Plots(report, folder);
        if (report.config().parts().contains(Part.THROUGHPUT)) {
            plots.throughput();
        }
        if (report.config().parts().contains(Part.LATENCY)) {
            plots.delays();
        }
        for (Growth kind : Growth.values()) {
            if (report.findings().growth().containsKey(kind)) {
                plots.growth(kind);
            }
        }
        return plots.names;
    }

    private void throughput() throws IOException {
        int most = Collections.max(report.config().subscribers());
        CategoryChart chart = bars("Throughput to " + most + " subscribers", "MB/s");
        for (String lane : report.lanes()) {
            addBars(
                    chart,
                    lane,
                    body -> Findings.find(report.findings().throughput(), lane, Shape.of(body, most))
                            .map(Delivered::megabytesPerSecond));
        }
        save(chart, "throughput.svg");
    }

    private void delays() throws IOException {
        CategoryChart chart = bars("From due to receipt, p99, at the common rate", "µs");
        for (String lane : report.lanes()) {
            addBars(
                    chart,
                    lane,
                    body -> report.findings().delays().stream()
                            .filter(delay -> delay.lane().equals(lane)
                                    && delay.rate() == Delay.Rate.COMMON
                                    && delay.shape().bodyBytes() == body)
                            .findFirst()
                            .flatMap(Delay::p99Micros));
        }
        save(chart, "latency.svg");
    }

    private void addBars(CategoryChart chart, String lane, IntFunction<Optional<Double>> valueOfBody) {
        List<String> names = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int body : report.config().bodies()) {
            valueOfBody.apply(body).ifPresent(value -> {
                names.add(Sizes.text(body));
                values.add(value);
            });
        }
        if (values.isEmpty()) {
            return;
        }
        chart.addSeries(lane, names, values);
        double least = Math.pow(10, Math.floor(Math.log10(Collections.min(values))));
        Double axis = chart.getStyler().getYAxisMin();
        chart.getStyler().setYAxisMin(axis == null ? least : Math.min(axis, least)); // a logarithm has no 0 to begin at
    }

    private static CategoryChart bars(String title, String unit) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("body")
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setYAxisLogarithmic(true).setYAxisLogarithmicDecadeOnly(true);
        chart.getStyler().setAvailableSpaceFill(0.8);
        return chart;
    }

    private void growth(Growth kind) throws IOException {
        List<Delivered> grown = report.findings().growth().getOrDefault(kind, List.of());
        String body = Sizes.text(report.config().growthBodyBytes());
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("CPU of the relay with more " + Tables.name(kind) + ", bodies of " + body)
                .xAxisTitle(Tables.name(kind))
                .yAxisTitle("CPU s/GiB delivered")
                .build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        for (String lane : report.lanes()) {
            List<Integer> numbers = new ArrayList<>();
            List<Double> costs = new ArrayList<>();
            for (int number : kind.numbers(report.config().growTo())) {
                Findings.find(grown, lane, kind.shape(report.config().growthBodyBytes(), number))
                        .map(one -> one.cpuSecondsPerGibibyte().median())
                        .filter(cost -> cost > 0) // of a process with coarse ticks it may be 0, which has no logarithm
                        .ifPresent(cost -> {
                            numbers.add(number);
                            costs.add(cost);
                        });
            }
            if (numbers.size() > 1) {
                chart.addSeries(lane, numbers, costs);
            }
        }
        save(chart, Tables.name(kind) + ".svg");
    }

    private void save(Chart<?, ?> chart, String name) throws IOException {
        if (chart.getSeriesMap().isEmpty()) {
            return; // nobody delivered that
        }
        names.add(name);
        Styler style = chart.getStyler();
        style.setChartBackgroundColor(Color.WHITE);
        style.setLegendPosition(Styler.LegendPosition.OutsideE);
        try (Writer out = Files.newBufferedWriter(folder.resolve(name))) {
            SVGGeneratorContext context = SVGGeneratorContext.createDefault(DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null));
            context.setPrecision(1); // letters are outlines, which take room
            SVGGraphics2D graphics = new SVGGraphics2D(context, false);
            graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
            chart.paint(graphics, WIDTH, HEIGHT);
            graphics.stream(out, true);
        } catch (ParserConfigurationException e) {
            throw new IOException(e);
        }
    }
}
