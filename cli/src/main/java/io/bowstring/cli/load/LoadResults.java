package io.bowstring.cli.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A load test as text: its scenario, what its processes have printed, and what has failed.
 *
 * <pre>
 *   LOAD_PUBLISHERS=4
 *   publishers: {"body": 65536, ...}
 *   failed: server: exit code 137 (expected: 0)
 * </pre>
 *
 * <p>Empty lines, and those that begin with {@code #}, mean nothing. Immutable.
 */
public final class LoadResults {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SETTING = Pattern.compile("([A-Z0-9_]+)=(.*)");
    private static final Pattern FAILURE = Pattern.compile("failed: (.+)");
    private static final Pattern RESULT = Pattern.compile("([a-z-]+): (\\{.*})");

    private static final String SERVER_PREFIX = "BOWSTRING_SERVER_";

    private final Map<LoadSetting, String> settings;
    private final Map<String, String> serverSettings;
    private final Map<String, JsonNode> results;
    private final List<String> failures;

    private LoadResults(
            Map<LoadSetting, String> settings,
            Map<String, String> serverSettings,
            Map<String, JsonNode> results,
            List<String> failures) {
        this.settings = settings;
        this.serverSettings = serverSettings;
        this.results = results;
        this.failures = failures;
    }

    /**
     * Reads them.
     *
     * @throws LoadException if a line is none of these, or names a setting that there is not
     */
    public static LoadResults parse(String text) {
        Map<LoadSetting, String> settings = new LinkedHashMap<>();
        Map<String, String> serverSettings = new LinkedHashMap<>();
        Map<String, JsonNode> results = new LinkedHashMap<>();
        List<String> failures = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher setting = SETTING.matcher(line);
            Matcher failure = FAILURE.matcher(line);
            Matcher result = RESULT.matcher(line);
            if (setting.matches() && line.startsWith(SERVER_PREFIX)) {
                serverSettings.put(setting.group(1), setting.group(2).strip());
            } else if (setting.matches()) {
                settings.put(
                        LoadSetting.named(setting.group(1)), setting.group(2).strip());
            } else if (failure.matches()) {
                failures.add(failure.group(1));
            } else if (result.matches()) {
                results.put(result.group(1), json(result.group(2)));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new LoadException("line: " + line + " (expected: KEY=VALUE, NAME: {JSON} or failed: REASON)");
            }
        }
        return new LoadResults(settings, serverSettings, results, List.copyOf(failures));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new LoadException("result: " + text + " (expected: JSON)");
        }
    }

    /** Returns what the scenario says; null where it says nothing. */
    @Nullable
    String setting(LoadSetting key) {
        return settings.get(key);
    }

    /**
     * Returns a number of the scenario; null where it says nothing.
     *
     * @throws LoadException if it is none
     */
    @Nullable
    Double number(LoadSetting key) {
        String text = setting(key);
        try {
            return text == null ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            throw new LoadException(key.key() + ": " + text + " (expected: a number)");
        }
    }

    /** Returns how many of something the scenario has. */
    long count(LoadSetting key) {
        Double number = number(key);
        return number == null ? 0 : number.longValue();
    }

    /** Returns what a process has measured; null if it has printed nothing. */
    @Nullable
    JsonNode result(LoadParty party) {
        return results.get(party.label());
    }

    /** Returns what the scenario says of the server, by variable. */
    Map<String, String> serverSettings() {
        return serverSettings;
    }

    List<String> failures() {
        return failures;
    }
}
