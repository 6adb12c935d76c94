package io.bowstring.bench.peers;

import io.nats.client.Connection;
import java.time.Duration;
import java.util.List;

/** A publisher of NATS: its batch in pieces, as often as it is asked for. Owns its connection. */
final class NatsPublishing implements Publishing {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Connection connection;
    private final String subject;
    private final List<byte[]> pieces;
    private final NatsWindow window;
    private final Runnable onClosed;
    private int taken;

    NatsPublishing(Connection connection, String subject, List<byte[]> pieces, NatsWindow window, Runnable onClosed) {
        this.connection = connection;
        this.subject = subject;
        this.pieces = pieces;
        this.window = window;
        this.onClosed = onClosed;
    }

    @Override
    public void send(int batches) throws InterruptedException {
        for (int i = 0; i < batches; i++) {
            for (byte[] piece : pieces) {
                take(piece.length);
                connection.publish(subject, piece);
            }
        }
    }

    /** Takes room in steps: a small message must not ask every subscriber. */
    private void take(int bytes) throws InterruptedException {
        if (taken < bytes) {
            int step = Math.max(bytes, NatsWindow.STEP_BYTES);
            window.take(step);
            taken += step;
        }
        taken -= bytes;
    }

    @Override
    public void finish() throws Exception {
        connection.flush(PATIENCE);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        onClosed.run();
    }
}
