package io.bowstring.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One run of the command in this JVM, with what it wrote.
 *
 * @param exitCode of the run
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record Command(int exitCode, byte[] out, String err) {
    static Command run(String... args) {
        return run(new byte[0], args);
    }

    /** Runs the command with {@code in} on standard input. */
    static Command run(byte[] in, String... args) {
        return run(in, Map.of(), args);
    }

    /** Runs the command in an environment with {@code in} on standard input. */
    static Command run(byte[] in, Map<String, String> environment, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter err = new StringWriter();
        StandardStreams streams =
                new StandardStreams(new ByteArrayInputStream(in), out, new PrintWriter(err, true), false, false);
        int exitCode = Bowstring.run(streams, environment, args);
        return new Command(exitCode, out.toByteArray(), err.toString());
    }

    String text() {
        return new String(out, StandardCharsets.UTF_8);
    }
}
