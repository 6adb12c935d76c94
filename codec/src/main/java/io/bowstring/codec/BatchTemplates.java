package io.bowstring.codec;

import org.jspecify.annotations.Nullable;

/**
 * The templates of one stream's record batches: of some that came lately and were not like any before. Confined to one reader.
 */
final class BatchTemplates {
    private static final int MAX_TEMPLATES = 4;

    /** To make a template takes some microseconds, so of batches that are never alike few are made one of. */
    private static final int MISSES_PER_TEMPLATE = 8;

    private final @Nullable BatchTemplate[] templates = new BatchTemplate[MAX_TEMPLATES];
    private final int maxBodyBytes;
    private int misses;

    BatchTemplates(int maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    /** Returns the template of the batch with this metadata, borrowed, if it would pass all checks; else null. */
    @Nullable
    BatchTemplate find(MetadataReader metadata) {
        for (int i = 0; i < templates.length; i++) {
            BatchTemplate template = templates[i];
            if (template != null
                    && template.header().metadataBytes() == metadata.length()
                    && template.fits(metadata, maxBodyBytes)) {
                if (i > 0) { // those that are found often come first, and stay
                    templates[i] = templates[i - 1];
                    templates[i - 1] = template;
                }
                return template;
            }
        }
        return null;
    }

    /** Returns whether a template is to be made of a batch that is not like any before. */
    boolean wants(MessageHeader header) {
        boolean isShort = header.metadataBytes() <= MetadataReader.KEPT_BYTES && header.metadataBytes() % 8 == 0;
        return isShort && (misses++ < MAX_TEMPLATES || misses % MISSES_PER_TEMPLATE == 0);
    }

    /** Adds a template, if it could be made. */
    void add(@Nullable BatchTemplate template) {
        int last = 0;
        while (last < MAX_TEMPLATES - 1 && templates[last] != null) {
            last++;
        }
        templates[last] = template;
    }
}
