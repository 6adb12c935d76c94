package io.bowstring.codec;

import java.util.Objects;

/**
 * What a decoder accepts and how much of it it checks. Immutable; may be shared by decoders.
 *
 * @param limits what a peer may make the decoder hold
 * @param verification how much of each batch is checked
 */
public record IpcDecoderConfig(IpcLimits limits, IpcVerification verification) {
    /** For strangers: {@link IpcLimits#DEFAULTS}, and the structure of batches is verified. */
    public static final IpcDecoderConfig DEFAULTS = new IpcDecoderConfig(IpcLimits.DEFAULTS, IpcVerification.STRUCTURE);

    /** Checks that nothing is missing. */
    public IpcDecoderConfig {
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(verification, "verification");
    }

    /** Returns this configuration with other limits. */
    public IpcDecoderConfig withLimits(IpcLimits otherLimits) {
        return new IpcDecoderConfig(otherLimits, verification);
    }

    /** Returns this configuration with another verification. */
    public IpcDecoderConfig withVerification(IpcVerification otherVerification) {
        return new IpcDecoderConfig(limits, otherVerification);
    }
}
