package io.bowstring.server;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/**
 * Netty's epoll handler, kept from losing half-closed channels, and telling the end of those that are closed on both
 * sides.
 *
 * <p>A channel whose peer has half-closed and that is not reading waits for no event at all until it must wait to write,
 * or reads on. Netty 4.2.18 takes it out of epoll then, does not note that it did, and fails with {@code ENOENT} when it
 * next wants an event; the connection is lost. Here such a channel stays, and waits for errors and hang-ups, which epoll
 * reports anyway: once each, being edge-triggered.
 *
 * <p>A hang-up means that neither side sends any more: a TCP connection that has been reset or has timed out, or a Unix
 * domain socket whose peer has closed it. Netty hears of the one only by reading or writing, which a half-closed channel
 * without news does not do. Here a channel's handlers are told by the event {@link HangUp}, once.
 *
 * <p>Confined to its event loop, but for what the interface says is for any thread.
 */
final class HalfCloseEpollHandler implements IoHandler {
    /** The user event of a channel whose connection is closed on both sides; something may be left to be read. */
    enum HangUp {
        INSTANCE
    }

    private static final int EPOLLHUP = 0x10; // of Linux; Netty does not name it

    private final IoHandler epoll;

    private HalfCloseEpollHandler(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory newFactory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return executor -> new HalfCloseEpollHandler(factory.newHandler(executor));
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(epoll.register(handle instanceof EpollIoHandle fd ? new Handle(fd) : handle));
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return epoll.isCompatible(handleType);
    }

    /** Tells of a hang-up after what else an event says has been done. */
    @SuppressWarnings("try") // close() throws what the interface says
    private static final class Handle implements EpollIoHandle {
        private final EpollIoHandle handle;
        private boolean hasHungUp;

        private Handle(EpollIoHandle handle) {
            this.handle = handle;
        }

        @Override
        public FileDescriptor fd() {
            return handle.fd();
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            handle.handle(registration, event);
            if ((((EpollIoEvent) event).ops().value() & EPOLLHUP) != 0 && !hasHungUp) {
                hasHungUp = true;
                if (handle instanceof Channel.Unsafe unsafe) {
                    unsafe.voidPromise().channel().pipeline().fireUserEventTriggered(HangUp.INSTANCE);
                }
            }
        }

        @Override
        public void registered() {
            handle.registered();
        }

        @Override
        public void unregistered() {
            handle.unregistered();
        }

        @Override
        public void close() throws Exception {
            handle.close();
        }
    }

    /** Never asks for no event at all. */
    private static final class Registration implements IoRegistration {
        private final IoRegistration registration;

        private Registration(IoRegistration registration) {
            this.registration = registration;
        }

        @Override
        public long submit(IoOps ops) {
            return registration.submit(EpollIoOps.NONE.equals(ops) ? EpollIoOps.EPOLLET : ops);
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // the interface's
        public <T> T attachment() {
            return registration.attachment();
        }

        @Override
        public boolean isValid() {
            return registration.isValid();
        }

        @Override
        public boolean cancel() {
            return registration.cancel();
        }
    }
}
