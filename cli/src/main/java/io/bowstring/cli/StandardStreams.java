package io.bowstring.cli;

import io.bowstring.text.TerminalText;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What a command reads from and writes to besides files. Immutable.
 *
 * @param in standard input; of a process it is a {@link StoppableInput}
 * @param out standard output, not buffered
 * @param err standard error, which is for people
 * @param isTerminal whether somebody sees what is written to {@code err}
 * @param isScreen whether somebody sees what is written to {@code out}
 */
record StandardStreams(InputStream in, OutputStream out, PrintWriter err, boolean isTerminal, boolean isScreen) {
    // Set by the launcher: Java itself cannot tell which of the two is a terminal.
    private static final String TERMINAL_PROPERTY = "bowstring.terminal";
    private static final String SCREEN_PROPERTY = "bowstring.screen";

    /** Returns those of this process. */
    static StandardStreams ofProcess() {
        return new StandardStreams(
                new StoppableInput(new FileInputStream(FileDescriptor.in).getChannel()),
                new FileOutputStream(FileDescriptor.out),
                new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true),
                Boolean.getBoolean(TERMINAL_PROPERTY),
                Boolean.getBoolean(SCREEN_PROPERTY));
    }

    /** Writes a line for people to standard error; what others have written in it is made fit for a terminal. */
    void say(String line) {
        err.println(TerminalText.clean(line));
    }

    /** Returns whether a write failed because nobody reads any longer, which is no failure: {@code | head}. */
    static boolean isClosedPipe(IOException e) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
    }
}
