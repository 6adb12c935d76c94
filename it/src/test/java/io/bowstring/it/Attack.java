package io.bowstring.it;

import java.io.IOException;

/**
 * One way to make others pay. It takes what a server may have little of, memory, connections, places in lists, and not the
 * processor: what is measured must not depend on how fast the machine is. Confined to the attacker's thread.
 */
@FunctionalInterface
interface Attack {
    /** Goes on; called about a hundred times a second, must not wait, and takes a millisecond or two at most. */
    void step(Crowd crowd) throws IOException;
}
