package io.bowstring.dist;

import io.bowstring.cli.Bowstring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Writes what describes the command line into the folder of a distribution. */
final class Descriptions {
    private Descriptions() {}

    /**
     * Writes them.
     *
     * @param args the folder, and the version
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        CommandLine command = Bowstring.commandLine();
        write(folder.resolve("man/man1/bowstring.1"), ManPage.of(command, args[1]));
        write(folder.resolve("completion/bowstring.bash"), completion(command));
    }

    /** Returns a script for bash, and for zsh where it emulates the completion of bash. */
    static String completion(CommandLine command) {
        return AutoComplete.bash(command.getCommandName(), command);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
