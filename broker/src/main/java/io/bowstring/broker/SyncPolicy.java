package io.bowstring.broker;

/** When what a durable topic has written must survive a loss of power. */
public enum SyncPolicy {
    /** Before it is acknowledged. */
    ALWAYS,
    /** At an interval after it is acknowledged, at the latest. */
    INTERVAL,
    /** When the operating system comes to it. It survives the end of the server's process. */
    OS
}
