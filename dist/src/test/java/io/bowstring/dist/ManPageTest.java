package io.bowstring.dist;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class ManPageTest {
    @Command(name = "tool", description = "Does it.")
    private static final class Tool {}

    @Command(
            description = {".dot's line", "a\\b"},
            subcommands = {})
    private static final class Sub {
        @Option(names = "--all-of-it", description = "Takes all.")
        private boolean isAll;
    }

    private static String page() {
        return ManPage.of(new CommandLine(new Tool()).addSubcommand("sub", new Sub()), "1-2");
    }

    @Test
    void hasTheHelpOfTheCommandAndOfEachSubcommand() {
        assertThat(page())
                .startsWith(
                        ".TH TOOL 1 \"\" \"tool 1\\-2\"\n.SH NAME\ntool \\- does it\n.SH SYNOPSIS\n.nf\nUsage: tool")
                .contains("\n.SS tool sub\n.nf\nUsage: tool sub [\\-\\-all\\-of\\-it]\n")
                .contains("Takes all.");
    }

    @Test
    void letsNoTextBecomeARequest() {
        assertThat(page()).contains("\n\\&.dot\\(aqs line\na\\eb\n");
    }
}
