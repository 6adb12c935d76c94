package io.bowstring.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A part of a document between two comments, which a run writes. */
final class Page {
    private Page() {}

    /**
     * Replaces what is between {@code <!-- NAME begin -->} and {@code <!-- NAME end -->}.
     *
     * @throws IOException if the document lacks one of them
     */
    static void replace(Path document, String name, String text) throws IOException {
        Files.writeString(document, replaced(document, Files.readString(document), name, text));
    }

    /** @throws IOException if the document lacks one of these comments */
    static void require(Path document, String... names) throws IOException {
        if (!Files.isWritable(document)) {
            throw new IOException(document + " (expected: a document)");
        }
        String whole = Files.readString(document);
        for (String name : names) {
            replaced(document, whole, name, "");
        }
    }

    private static String replaced(Path document, String whole, String name, String text) throws IOException {
        String begin = "<!-- " + name + " begin -->\n";
        String end = "<!-- " + name + " end -->";
        int from = whole.indexOf(begin);
        int to = whole.indexOf(end, from + 1);
        if (from < 0 || to < 0) {
            throw new IOException(document + ": no " + name + " (expected: the comments " + begin.strip() + " and "
                    + end + ", in this order)");
        }
        return whole.substring(0, from + begin.length()) + "\n" + text + "\n" + whole.substring(to);
    }
}
