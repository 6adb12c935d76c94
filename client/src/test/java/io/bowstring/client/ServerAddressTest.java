package io.bowstring.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "bowstring://localhost, localhost, 8816",
        "bowstring://localhost/, localhost, 8816",
        "bowstring://127.0.0.1:9000, 127.0.0.1, 9000",
        "bowstring://[::1]:9000, ::1, 9000",
        "127.0.0.1:9000, 127.0.0.1, 9000",
        "localhost:8816, localhost, 8816",
        "bowstring:1, bowstring, 1",
        "[::1]:9000, ::1, 9000",
    })
    void parsesHostAndPort(String text, String host, int port) {
        assertThat(ServerAddress.parse(text)).isEqualTo(new TcpAddress(host, port));
    }

    @Test
    void parsesPathOfUnixDomainSocket() {
        for (String path : new String[] {"/run/bowstring.sock", "a b%20", "../s"}) {
            ServerAddress address = ServerAddress.parse("bowstring+unix:" + path);

            assertThat(address).isEqualTo(new UnixAddress(path)).hasToString("bowstring+unix:" + path);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring+unix:", "bowstring+unix:a\0b"})
    void refusesPathThatIsNone(String text) {
        assertThatThrownBy(() -> ServerAddress.parse(text))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("(expected: bowstring+unix:PATH)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "::1:9000",
                "localhost:",
                "a b:8816",
                "me@localhost:8816",
                "localhost:8816/topic",
                "http://localhost",
                "bowstring://",
                "bowstring://a b",
                "bowstring://localhost/topic",
                "bowstring://me@localhost",
                "bowstring://localhost?x=1"
            })
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> ServerAddress.parse(text))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("bowstring://HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bowstring://localhost:0", "bowstring://localhost:65536", "localhost:65536"})
    void refusesPortThatIsNone(String text) {
        assertThatThrownBy(() -> ServerAddress.parse(text))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("(expected: 1..65535)");
    }

    @Test
    void writesWhatItParses() {
        ServerAddress address = new TcpAddress("::1", 8816);

        assertThat(ServerAddress.parse(address.toString())).isEqualTo(address);
    }
}
