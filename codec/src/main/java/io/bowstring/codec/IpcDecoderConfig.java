package io.bowstring.codec;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder accepts, how much of it it checks, and where it puts it. Immutable; may be shared by decoders,
 * which then share the budget as well.
 *
 * @param limits what a peer may make the decoder hold
 * @param verification how much of each batch is checked
 * @param legacyFraming whether messages without continuation marker, from before Arrow 0.15, are accepted beside those
 *     with it
 * @param pool where large messages are gathered; null: in memory of the channel's allocator
 * @param budget what the memory of received messages counts in, and what makes the channel wait; null: nothing does
 * @param batchRuns whether an {@link IpcDecoder} hands on small record batches that come together as one {@link
 *     IpcRecordBatchRun}
 */
public record IpcDecoderConfig(
        IpcLimits limits,
        IpcVerification verification,
        boolean legacyFraming,
        @Nullable IpcBodyPool pool,
        @Nullable IpcBudget budget,
        boolean batchRuns) {
    /**
     * For strangers: {@link IpcLimits#DEFAULTS}, and the structure of batches is verified. No legacy framing, no pool, no
     * budget, no runs.
     */
    public static final IpcDecoderConfig DEFAULTS =
            new IpcDecoderConfig(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE, false, null, null, false);

    /** Checks that nothing is missing. */
    public IpcDecoderConfig {
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(verification, "verification");
    }

    /** Returns this configuration with other limits. */
    public IpcDecoderConfig withLimits(IpcLimits otherLimits) {
        return new IpcDecoderConfig(otherLimits, verification, legacyFraming, pool, budget, batchRuns);
    }

    /** Returns this configuration with another verification. */
    public IpcDecoderConfig withVerification(IpcVerification otherVerification) {
        return new IpcDecoderConfig(limits, otherVerification, legacyFraming, pool, budget, batchRuns);
    }

    /**
     * Returns this configuration with framing from before Arrow 0.15 accepted or not. Not for a port that tells
     * protocols apart by their first bytes: a metadata length may look like anything.
     */
    public IpcDecoderConfig withLegacyFraming(boolean isAccepted) {
        return new IpcDecoderConfig(limits, verification, isAccepted, pool, budget, batchRuns);
    }

    /** Returns this configuration with a pool, which stays the caller's to close, after the decoders' channels. */
    public IpcDecoderConfig withPool(IpcBodyPool otherPool) {
        return new IpcDecoderConfig(limits, verification, legacyFraming, otherPool, budget, batchRuns);
    }

    /** Returns this configuration with a budget: for one connection, or for all that are to share its limit. */
    public IpcDecoderConfig withBudget(IpcBudget otherBudget) {
        return new IpcDecoderConfig(limits, verification, legacyFraming, pool, otherBudget, batchRuns);
    }

    /**
     * Returns this configuration with runs or without. With them an {@link IpcDecoder} hands on every longest sequence of record
     * batches that came whole in one received buffer, none longer than {@link IpcRecordBatchRun#MAX_FRAME_BYTES}, as one
     * {@link IpcRecordBatchRun}, be it of one batch. All other messages come by themselves, and all in their order.
     */
    public IpcDecoderConfig withBatchRuns(boolean isWanted) {
        return new IpcDecoderConfig(limits, verification, legacyFraming, pool, budget, isWanted);
    }
}
