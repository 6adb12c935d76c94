package io.bowstring.protocol;

/** The metadata keys of the protocol. Not instantiable. */
final class Keys {
    /** What every key of the protocol begins with. */
    static final String PREFIX = "bowstring.";

    static final String PUBLISH = PREFIX + "publish";
    static final String SUBSCRIBE = PREFIX + "subscribe";
    static final String LIST = PREFIX + "list";
    static final String DELETE = PREFIX + "delete";
    static final String FROM = PREFIX + "from";
    static final String UNTIL = PREFIX + "until";
    static final String ON_LAG = PREFIX + "on-lag";
    static final String COLUMNS = PREFIX + "columns";
    static final String ACK = PREFIX + "ack";
    static final String SEAL = PREFIX + "seal";
    static final String PRODUCER = PREFIX + "producer";
    static final String TOKEN = PREFIX + "token";

    static final String TOPIC = PREFIX + "topic";
    static final String LOG = PREFIX + "log";
    static final String OFFSET = PREFIX + "offset";
    static final String TIME = PREFIX + "time";
    static final String GAP = PREFIX + "gap";
    static final String SEQUENCE = PREFIX + "sequence";
    static final String CHECKSUM = PREFIX + "crc";
    static final String ERROR = PREFIX + "error";
    static final String MESSAGE = PREFIX + "message";

    private Keys() {}
}
