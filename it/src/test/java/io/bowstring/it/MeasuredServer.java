package io.bowstring.it;

import io.bowstring.cli.Bowstring;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * The command line, in a process that prints what it uses after a collection for each line of its standard input, which is a number:
 * {@code use NUMBER HEAP_KIB DIRECT_KIB MAPPED_KIB .}. Not instantiable.
 */
final class MeasuredServer {
    private MeasuredServer() {}

    public static void main(String[] args) {
        Thread thread = new Thread(MeasuredServer::answer, "measure");
        thread.setDaemon(true);
        thread.start();
        Bowstring.main(args);
    }

    private static void answer() {
        try {
            StringBuilder number = new StringBuilder();
            for (int next = System.in.read(); next != -1; next = System.in.read()) {
                if (next == '\n') {
                    System.out.println(use(number.toString()));
                    number.setLength(0);
                } else {
                    number.append((char) next);
                }
            }
        } catch (IOException e) {
            e.printStackTrace();
        }
    }

    private static String use(String number) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.totalMemory() - runtime.freeMemory();
        long direct = Math.max(pool("direct"), PlatformDependent.usedDirectMemory());
        return "use " + number + " " + (heap >> 10) + " " + (direct >> 10) + " " + (pool("mapped") >> 10) + " .";
    }

    private static long pool(String name) {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals(name))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
