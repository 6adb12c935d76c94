package io.bowstring.bench.peers;

import io.nats.client.Connection;
import java.util.List;

/** A publisher of NATS: its batches in pieces, in turn, as often as it is asked for. Owns its connection. */
final class NatsPublishing implements Publishing {
    private final Connection connection;
    private final String subject;
    private final List<List<byte[]>> batches;
    private final NatsWindow window;
    private final Runnable onClosed;
    private int taken;
    private int sent;

    NatsPublishing(
            Connection connection, String subject, List<List<byte[]>> batches, NatsWindow window, Runnable onClosed) {
        this.connection = connection;
        this.subject = subject;
        this.batches = batches;
        this.window = window;
        this.onClosed = onClosed;
    }

    @Override
    public void send(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            for (byte[] piece : batches.get(sent++ % batches.size())) {
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
        connection.flush(NatsParties.PATIENCE);
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
