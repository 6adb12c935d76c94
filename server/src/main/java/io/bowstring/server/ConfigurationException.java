package io.bowstring.server;

/** The configuration cannot be used; the message says which key and why. Immutable. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigurationException(String message) {
        super(message, null, false, false);
    }
}
