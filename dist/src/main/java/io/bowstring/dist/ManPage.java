package io.bowstring.dist;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The man page of the command: its own help and that of each subcommand, as they stand. Confined to one thread. */
final class ManPage {
    private final StringBuilder text = new StringBuilder();

    private ManPage() {}

    /** Returns the page in the language of troff, with its {@code man} macros. */
    static String of(CommandLine command, String version) {
        ManPage page = new ManPage();
        String name = command.getCommandName();
        page.request("TH " + name.toUpperCase(Locale.ROOT) + " 1 \"\" \"" + name + " " + escaped(version) + "\"");
        page.request("SH NAME");
        page.line(name + " - " + description(command));
        page.request("SH SYNOPSIS");
        page.usage(command);
        page.request("SH COMMANDS");
        for (Map.Entry<String, CommandLine> subcommand :
                command.getSubcommands().entrySet()) {
            if (!subcommand.getValue().getCommandSpec().usageMessage().hidden()) {
                page.request("SS " + name + " " + subcommand.getKey());
                page.usage(subcommand.getValue());
            }
        }
        page.environment();
        return page.text.toString();
    }

    private static String description(CommandLine command) {
        String text = String.join(" ", command.getCommandSpec().usageMessage().description());
        String first = text.substring(0, 1).toLowerCase(Locale.ROOT);
        return first + text.substring(1).replaceAll("\\.$", "");
    }

    /** Lines as they stand, without filling. */
    private void usage(CommandLine command) {
        request("nf");
        command.getUsageMessage(Ansi.OFF).lines().forEach(this::line);
        request("fi");
    }

    private void environment() {
        request("SH ENVIRONMENT");
        variable("BOWSTRING_URL", "The server of a command that has no --url.");
        variable("BOWSTRING_JAVA_OPTS", "Options for the JVM, separated by blanks; they win.");
        variable(
                "BOWSTRING_SERVER_...",
                "Settings of bowstring serve, with the names of their keys in capitals and underscores.");
    }

    private void variable(String name, String meaning) {
        request("TP");
        request("B " + escaped(name));
        line(meaning);
    }

    private void request(String request) {
        text.append('.').append(request).append('\n');
    }

    /** A line of text. At its beginning, a dot or an apostrophe would make it a request. */
    private void line(String line) {
        boolean isLikeRequest = line.startsWith(".") || line.startsWith("'");
        text.append(isLikeRequest ? "\\&" : "").append(escaped(line)).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
    }
}
