package io.bowstring.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.bowstring.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents link to places that exist, in plain words, as comments are; {@link DocumentsIT} runs their code. */
class DocumentsTest {
    /** A link to a place in the project: a file, an anchor, or both. */
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");

    private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$");
    private static final Pattern NAMED_ANCHOR = Pattern.compile("<a id=\"([^\"]+)\">");

    /** Words for which there are plainer ones: after, before, again, at random, continues. */
    private static final Pattern STILTED = Pattern.compile(
            "(?<![`\\w])(behind|in\\s+front\\s+of|anew|by\\s+chance|(go|goes|went)\\s+on)(?![`\\w])",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");
    private static final Pattern COMMENT_MARGIN = Pattern.compile("\\n\\s*\\*?");
    private static final int README_LINES = 120;

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> lost = new ArrayList<>();
        for (Path document : Documents.all()) {
            Matcher link = LINK.matcher(String.join("\n", Documents.prose(document)));
            while (link.find()) {
                Path target = link.group(1).isEmpty()
                        ? document
                        : document.resolveSibling(link.group(1)).normalize();
                String anchor = link.group(2);
                if (!Files.exists(target) || (anchor != null && !anchors(target).contains(anchor))) {
                    lost.add(Documents.name(document) + ": " + link.group());
                }
            }
        }

        assertThat(lost).isEmpty();
    }

    /** Returns what can be linked to in a document, as GitHub makes it of headings. */
    private static Set<String> anchors(Path document) {
        Set<String> anchors = new HashSet<>();
        for (String line : Documents.prose(document)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                anchors.add(slug(heading.group(1)));
            }
            Matcher named = NAMED_ANCHOR.matcher(line);
            while (named.find()) {
                anchors.add(named.group(1));
            }
        }
        return anchors;
    }

    private static String slug(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                .strip()
                .replace(' ', '-');
    }

    @Test
    void theIndexLeadsToEveryPage() {
        Path index = Project.ROOT.resolve("docs/index.md");
        Set<Path> linked = new HashSet<>(List.of(index));
        Matcher link = LINK.matcher(String.join("\n", Documents.prose(index)));
        while (link.find()) {
            linked.add(index.resolveSibling(link.group(1)).normalize());
        }

        assertThat(linked).containsAll(Documents.pages());
    }

    @Test
    void everyPageBeginsWithATitleAndAParagraph() {
        List<String> without = Documents.pages().stream()
                .filter(page -> !beginsWithParagraph(Documents.lines(page)))
                .map(Documents::name)
                .toList();

        assertThat(without).isEmpty();
    }

    private static boolean beginsWithParagraph(List<String> lines) {
        return lines.size() > 2
                && lines.get(0).startsWith("# ")
                && lines.get(1).isEmpty()
                && lines.get(2).matches("[A-Z].*");
    }

    @Test
    void theReadmeIsShort() {
        assertThat(Documents.lines(Documents.README)).hasSizeLessThanOrEqualTo(README_LINES);
    }

    @Test
    void wordsArePlain() {
        List<String> found = new ArrayList<>();
        for (Path document : Documents.all()) {
            addStilted(Documents.name(document), String.join("\n", Documents.prose(document)), found);
        }

        assertThat(found).isEmpty();
    }

    @Test
    void wordsOfCommentsArePlain() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : mainSources()) {
            String comments = COMMENT.matcher(Files.readString(file))
                    .results()
                    .map(comment -> COMMENT_MARGIN.matcher(comment.group()).replaceAll(" "))
                    .collect(Collectors.joining("\n"));
            addStilted(file.getFileName().toString(), comments, found);
        }

        assertThat(found).isEmpty();
    }

    private static List<Path> mainSources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Project.ROOT)) {
            for (Path module : modules.filter(each -> Files.isDirectory(each.resolve("src/main")))
                    .toList()) {
                try (Stream<Path> files = Files.walk(module.resolve("src/main"))) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }

    private static void addStilted(String where, String prose, List<String> found) {
        Matcher stilted = STILTED.matcher(prose);
        while (stilted.find()) {
            found.add(where + ": " + stilted.group());
        }
    }

    @Test
    void everyErrorCodeHasARow() {
        List<String> rows = Documents.lines(Project.ROOT.resolve("docs/reference/error-codes.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::name).toList());
    }
}
