package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The same by the C++ library under pyarrow, in a process of Python; its parties are those of {@link FlightLane}. Immutable. */
final class FlightCppLane implements Lane {
    private static final String VERSION = "import pyarrow.flight; print(pyarrow.__version__)";

    @Override
    public String name() {
        return Lanes.FLIGHT_CPP;
    }

    @Override
    public @Nullable String missing(Programs programs) {
        if (programs.output(programs.python(), "-c", VERSION) != null) {
            return null;
        }
        return "no pyarrow in " + programs.python()
                + "; install it: python3 -m venv ENV && ENV/bin/pip install pyarrow, and set " + Programs.PYTHON
                + "=ENV/bin/python";
    }

    @Override
    public String version(Programs programs) {
        return "pyarrow " + programs.output(programs.python(), "-c", VERSION);
    }

    @Override
    public RelayProcess start(Programs programs, Path folder) throws IOException, InterruptedException {
        return AskedProcess.script(programs.python(), "flight_relay.py");
    }

    @Override
    public Parties parties(RelayProcess relay) {
        return new FlightParties(relay.port());
    }

    @Override
    public @Nullable String refusal(Shape shape) {
        return shape.publishers() == 1 ? null : "the relay passes on one DoPut to the DoGets of its topic";
    }
}
