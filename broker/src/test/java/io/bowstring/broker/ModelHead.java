package io.bowstring.broker;

import io.bowstring.protocol.ErrorCode;
import java.util.List;

/** The dictionaries in force for a {@link ModelPublisher}, and what those count for that are new. Confined to the test's thread. */
final class ModelHead {
    private static final long HEAD_BYTES = 64; // for each chunk of dictionaries in it

    private final ModelDriver driver;
    private final ModelTopic topic;
    private ModelDictionaries dictionaries = ModelDictionaries.NONE;
    private long newBytes;

    ModelHead(ModelDriver driver, ModelTopic topic) {
        this.driver = driver;
        this.topic = topic;
    }

    /** Returns the dictionaries in force. */
    ModelDictionaries dictionaries() {
        return dictionaries;
    }

    /** Returns what the next batch counts for because of them. */
    long newBytes() {
        return newBytes;
    }

    /** A batch that has them has been appended. */
    void onAppended() {
        newBytes = 0;
        dictionaries = dictionaries.settled();
    }

    /**
     * Puts a dictionary in force.
     *
     * @param id the topic's
     * @return why the publisher must be refused instead, or null
     */
    ErrorCode take(long id, boolean isDelta, String text) {
        ModelDictionaries.Chain present = dictionaries.present().get(id);
        if (isDelta && present == null) {
            return ErrorCode.BAD_STREAM;
        }
        ModelDictionaries.Chain prior = isDelta ? present : null;
        List<String> texts = List.of(text);
        ModelDictionaries.Chain same = ModelDictionaries.find(id, prior, texts, topic.inForce(dictionaries));
        ModelDictionaries.Chain chain = same == null ? new ModelDictionaries.Chain(prior, texts) : same;
        ModelDictionaries changed = dictionaries.with(id, chain);
        if (changed.weight() > driver.history.config().publishers().maxDictionaryBytes()) {
            return ErrorCode.TOO_LARGE;
        }
        if (same != null) {
            driver.saw("same dictionary");
        }
        if (same == null || same != present) {
            dictionaries = changed;
            newBytes += HEAD_BYTES; // there are fewer than a chunk has room for
        }
        if (same == null) {
            newBytes += ModelDictionaries.weight(texts);
            rebase(id, chain);
        }
        return null;
    }

    /** Puts a dictionary of too many deltas together. */
    private void rebase(long id, ModelDictionaries.Chain chain) {
        if (chain.deltas() > driver.history.config().publishers().maxDictionaryDeltas()) {
            List<String> texts = chain.allTexts();
            ModelDictionaries.Chain same = ModelDictionaries.find(id, null, texts, topic.inForce(dictionaries));
            newBytes += same == null ? ModelDictionaries.weight(texts) : 0;
            dictionaries = dictionaries.withRebased(id, same == null ? new ModelDictionaries.Chain(null, texts) : same);
            driver.saw(same == null ? "rebase" : "same rebase");
        }
    }
}
