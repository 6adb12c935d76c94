package io.bowstring.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The Markdown files of the project. Not instantiable. */
final class Documents {
    /** What a newcomer reads first. */
    static final Path README = Project.ROOT.resolve("README.md");

    private static final Path DOCS = Project.ROOT.resolve("docs");

    private static final String FILE = "file: ";

    private Documents() {}

    /** Returns all documents: the README, the others in the root, the pages. */
    static List<Path> all() {
        List<Path> documents = new ArrayList<>(List.of(README));
        markdown(Project.ROOT, 1).filter(file -> !file.equals(README)).forEach(documents::add);
        documents.addAll(pages());
        return documents;
    }

    /** Returns the pages of {@code docs}. */
    static List<Path> pages() {
        return markdown(DOCS, Integer.MAX_VALUE).toList();
    }

    private static Stream<Path> markdown(Path folder, int depth) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the lines of a document. */
    static List<String> lines(Path document) {
        try {
            return Files.readAllLines(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the lines of a document that are not code: those of blocks are empty. */
    static List<String> prose(Path document) {
        List<String> prose = new ArrayList<>(lines(document));
        for (CodeBlock block : CodeBlock.in(document)) {
            Collections.fill(prose.subList(block.fence(), block.closingFence() + 1), "");
        }
        return prose;
    }

    /** Returns the blocks of code of all documents, in order. */
    static Stream<CodeBlock> blocks() {
        return all().stream().flatMap(document -> CodeBlock.in(document).stream());
    }

    /** Returns the name of the Python module that a block is, if it is one. */
    static Optional<String> module(CodeBlock block) {
        return block.directive(FILE);
    }

    /** Writes the Python modules that the documents show into a folder, for a server on a port. */
    static void writeModules(Path folder, int port) throws IOException {
        for (CodeBlock block : blocks().toList()) {
            Optional<String> module = module(block);
            if (module.isPresent()) {
                Files.writeString(folder.resolve(module.get()), block.code(port));
            }
        }
    }

    /** Returns what a document is called in messages. */
    static String name(Path document) {
        return Project.ROOT.relativize(document).toString();
    }
}
