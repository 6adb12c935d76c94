package io.bowstring.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fenced code block of a document. Immutable.
 *
 * @param document where it stands
 * @param fence the index of the line of the fence that opens it
 * @param language what stands after the fence; empty where nothing does
 * @param directive the comment on the line right above the fence; empty where there is none
 * @param lines the lines between the fences
 */
record CodeBlock(Path document, int fence, String language, String directive, List<String> lines) {
    private static final Pattern FENCE = Pattern.compile("^```(\\S*)\\s*$");
    private static final Pattern COMMENT = Pattern.compile("^<!-- (.*) -->$");

    private static final String USUAL_PORT = "8816";

    /** Returns the blocks of a document, in order. */
    static List<CodeBlock> in(Path document) {
        List<String> lines = Documents.lines(document);
        List<CodeBlock> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher open = FENCE.matcher(lines.get(i));
            if (open.matches()) {
                int end = lines.subList(i + 1, lines.size()).indexOf("```") + i + 1;
                if (end <= i) {
                    throw new AssertionError(document + ":" + (i + 1) + ": the block has no end");
                }
                blocks.add(new CodeBlock(
                        document, i, open.group(1), directiveAbove(lines, i), List.copyOf(lines.subList(i + 1, end))));
                i = end;
            }
        }
        return blocks;
    }

    /** Returns document and line, for people. */
    String place() {
        return Documents.name(document) + ":" + (fence + 1);
    }

    /** Returns the lines between the fences as one text. */
    String code() {
        return String.join("\n", lines) + "\n";
    }

    /** Returns the code for a server on another port than the usual one. */
    String code(int port) {
        return code().replace(USUAL_PORT, Integer.toString(port));
    }

    /** Returns the index of the line of the fence that closes it. */
    int closingFence() {
        return fence + lines.size() + 1;
    }

    /** Returns what stands after a word that the directive begins with, if it does. */
    Optional<String> directive(String word) {
        return directive.startsWith(word) ? Optional.of(directive.substring(word.length())) : Optional.empty();
    }

    private static String directiveAbove(List<String> lines, int fence) {
        Matcher comment = COMMENT.matcher(fence == 0 ? "" : lines.get(fence - 1));
        return comment.matches() ? comment.group(1) : "";
    }
}
