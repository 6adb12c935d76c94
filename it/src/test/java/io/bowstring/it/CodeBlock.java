package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fenced code block of a document. Immutable.
 *
 * @param place document and line, for people
 * @param language what stands after the fence; empty where nothing does
 * @param directive the comment on the line right above the fence; empty where there is none
 * @param code the lines between the fences
 */
record CodeBlock(String place, String language, String directive, String code) {
    private static final Pattern FENCE = Pattern.compile("^```(\\S*)\\s*$");
    private static final Pattern COMMENT = Pattern.compile("^<!-- (.*) -->$");

    /** Returns the blocks of a document, in order. */
    static List<CodeBlock> in(Path document) {
        List<String> lines = lines(document);
        List<CodeBlock> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher open = FENCE.matcher(lines.get(i));
            if (open.matches()) {
                int end = lines.subList(i + 1, lines.size()).indexOf("```") + i + 1;
                if (end <= i) {
                    throw new AssertionError(document + ":" + (i + 1) + ": the block has no end");
                }
                String place = Project.ROOT.relativize(document) + ":" + (i + 1);
                String code = String.join("\n", lines.subList(i + 1, end)) + "\n";
                blocks.add(new CodeBlock(place, open.group(1), directiveAbove(lines, i), code));
                i = end;
            }
        }
        return blocks;
    }

    /** Returns what stands after a word that the directive begins with, if it does. */
    Optional<String> directive(String word) {
        return directive.startsWith(word) ? Optional.of(directive.substring(word.length())) : Optional.empty();
    }

    private static String directiveAbove(List<String> lines, int fence) {
        Matcher comment = COMMENT.matcher(fence == 0 ? "" : lines.get(fence - 1));
        return comment.matches() ? comment.group(1) : "";
    }

    private static List<String> lines(Path document) {
        try {
            return Files.readAllLines(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
